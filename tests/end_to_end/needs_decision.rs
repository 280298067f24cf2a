//! `ambiguous_calls`: a call that may have been billed is repeated automatically, or only after a person has decided.

use kyc_domain::VerificationId;
use kyc_queue::{Queue, State, Verification};
use kyc_tests::{Job, Program, World, eventually};
use serde_json::{Value, json};

use crate::{
    crash::{all_published_once, arrived, enqueue, slow},
    jobs::{both, lines},
    page::Port,
};

const HOLD: (&str, &str) = ("ambiguous_calls", "hold");

/// Short time-outs for calls without an answer.
const QUICK: [(&str, &str); 5] = [
    ("retry_first", "20ms"),
    ("retry_longest", "50ms"),
    ("connect_timeout", "300ms"),
    ("call_timeout", "1500ms"),
    // Two unanswered calls must not open the circuit.
    ("circuit_failures", "0"),
];

/// Waits until a verification needs a decision, and returns it.
async fn asked(world: &World, queue: &Queue, id: VerificationId) -> Verification {
    eventually("it waits for a person", async || {
        let known = world.look(queue, id).await;
        let why = known.waiting.as_ref().map(|waiting| waiting.why.as_str());
        (why == Some("may_be_billed")).then_some(known)
    })
    .await
}

/// Has the worker complete another job, by which time it would have repeated the call.
async fn has_worked_on(world: &World, queue: &Queue, nth: usize) {
    let other = Job::new("cac", &format!("12345{nth}000"));
    let id = world.enqueue(queue, &other).await;
    assert_eq!(world.end_of(queue, id).await.state, State::Completed);
}

/// Returns how often the worker's log reports that the job may have been billed.
fn told(worker: &Program, id: VerificationId) -> usize {
    let id = id.to_string();
    let log = worker.log();
    log.lines()
        .filter(|line| line.contains("may have been billed") && line.contains(&id))
        .count()
}

async fn jobs(world: &World, words: &[&str]) -> String {
    world.run([&["jobs"], words].concat()).await.good()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_without_an_answer_is_repeated_only_when_a_person_decides_so() {
    let mut world = World::new().await;
    for (key, value) in QUICK {
        world.set(key, value);
    }
    let queue = world.queue().await;
    let (mut worker, port) = Port::worker(&world, "one", &[HOLD]).await;
    // One answer is cut in the body, and one call is never answered.
    let cases = [("bvn", "032"), ("nin", "030")].map(|(kind, code)| Job::of_case(kind, code));
    let mut ids = Vec::new();
    for job in &cases {
        ids.push(world.enqueue(&queue, job).await);
    }
    for (id, job) in ids.iter().zip(&cases) {
        let known = asked(&world, &queue, *id).await;
        assert_eq!((known.state, known.attempts), (State::Waiting, 1));
        assert_eq!((known.calls, known.unanswered_calls), (1, 1));
        assert_eq!(world.calls(job), 1);
    }
    has_worked_on(&world, &queue, 1).await;
    assert!(cases.iter().all(|job| world.calls(job) == 1));
    // The job is reported once Redis has stored it.
    eventually("it is reported", async || {
        ids.iter().all(|id| told(&worker, *id) > 0).then_some(())
    })
    .await;
    assert!(ids.iter().all(|id| told(&worker, *id) == 1));

    // The commands show the reason and the remedy.
    let id = ids[0].to_string();
    let shown = world.run(["jobs", "show", &id]).await;
    assert_eq!(shown.code, 3, "{}", shown.err);
    for part in [
        "may_be_billed",
        &format!("kyc jobs retry {id}"),
        &format!("kyc jobs cancel {id}"),
        "cut_in_body",
    ] {
        assert!(
            shown.out.contains(part),
            "{part} is missing in: {}",
            shown.out
        );
    }
    let shown = world.run(["jobs", "show", &id, "--json"]).await;
    let waiting = &lines(&shown.out)[0]["waiting"];
    assert_eq!(*waiting, json!({ "why": "may_be_billed" }));
    let (text, listed) = both(&world, &["jobs", "list", "needs_decision"]).await;
    assert!(
        ids.iter().all(|id| text.contains(&id.to_string())),
        "{text}"
    );
    assert_eq!(listed.len(), 3, "two jobs and the end of the place");
    let (text, listed) = both(&world, &["jobs", "list", "needs_decision", "--kind", "nin"]).await;
    assert!(text.contains(&ids[1].to_string()), "{text}");
    assert_eq!(listed.len(), 2);
    let (text, stats) = both(&world, &["queue", "stats"]).await;
    assert!(text.contains("needs_decision"), "{text}");
    assert_eq!(stats[0]["jobs"]["needs_decision"], 2);
    assert_eq!(stats[0]["totals"]["bvn"]["held"], 1);
    let page = port
        .reaches("kyc_queue_jobs{kind=\"all\",state=\"needs_decision\"}", 2.0)
        .await;
    assert_eq!(page.value("kyc_jobs_held_total{kind=\"bvn\"}"), 1.0);
    let waits = page.value("kyc_queue_oldest_seconds{kind=\"all\",state=\"needs_decision\"}");
    assert!(waits > 0.0 && waits < 600.0, "{waits}");

    // By id: one more call is made, and the job needs a decision again.
    assert_eq!(
        jobs(&world, &["retry", &id]).await,
        format!("{id} retried\n")
    );
    let again = eventually("it was called again", async || {
        let known = world.look(&queue, ids[0]).await;
        (known.waiting.is_some() && known.calls == 2).then_some(known)
    })
    .await;
    assert_eq!((again.attempts, again.unanswered_calls), (2, 2));
    has_worked_on(&world, &queue, 2).await;
    assert_eq!((world.calls(&cases[0]), world.calls(&cases[1])), (2, 1));

    // By place: nothing is done without `--yes`.
    let all = ["jobs", "retry", "--place", "needs_decision"];
    let ran = world.run(all).await;
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    for part in ["2 needs_decision jobs", "billed twice", "--yes"] {
        assert!(ran.err.contains(part), "{part} is missing in: {}", ran.err);
    }
    let some = [
        "cancel",
        "--place",
        "needs_decision",
        "--kind",
        "nin",
        "--yes",
    ];
    assert_eq!(jobs(&world, &some).await, "1 job cancelled\n");
    let code = [
        "cancel",
        "--place",
        "needs_decision",
        "--code",
        "cut_in_body",
        "--yes",
    ];
    assert_eq!(jobs(&world, &code).await, "1 job cancelled\n");
    for id in &ids {
        assert_eq!(world.look(&queue, *id).await.state, State::Cancelled);
    }
    assert_eq!((world.calls(&cases[0]), world.calls(&cases[1])), (2, 1));
    assert_eq!(worker.terminate().await, 0);
    world.nothing_left(&queue).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_automatic_retries_the_call_is_repeated() {
    let mut world = World::new().await;
    for (key, value) in QUICK {
        world.set(key, value);
    }
    world.set("max_attempts", "3");
    let queue = world.queue().await;
    for (nth, setting) in [None, Some(("ambiguous_calls", "retry"))]
        .into_iter()
        .enumerate()
    {
        let settings: Vec<_> = setting.into_iter().collect();
        let mut worker = world.worker(&format!("worker-{nth}"), &settings).await;
        for code in ["032", "030"] {
            let job = Job::new("bvn", &format!("2221234{nth}{code}"));
            let id = world.enqueue(&queue, &job).await;
            let dead = world.end_of(&queue, id).await;
            assert_eq!((dead.state, dead.attempts), (State::Dead, 3));
            assert_eq!((world.calls(&job), dead.unanswered_calls), (3, 3));
            assert_eq!(told(&worker, id), 0);
        }
        assert_eq!(worker.terminate().await, 0);
    }
    world.nothing_left(&queue).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_worker_was_killed_during_the_call_needs_a_decision() {
    let world = slow(2_000).await;
    let queue = world.queue().await;
    let settings = [HOLD, ("lease", "1s")];
    let mut victim = world.worker("victim", &settings).await;
    let all = enqueue(&world, &queue, 1).await;
    let (id, job) = &all[0];
    arrived(&world, 1).await;
    victim.kill9().await;
    let (mut other, port) = Port::worker(&world, "other", &settings).await;
    let known = asked(&world, &queue, *id).await;
    assert_eq!((known.stalls, known.attempts), (1, 0));
    assert_eq!((known.calls, known.unanswered_calls), (1, 1));
    assert_eq!(known.code.as_deref(), Some("stalled"));
    has_worked_on(&world, &queue, 1).await;
    assert_eq!(world.calls(job), 1, "called again without a decision");
    let stalls = "kyc_queue_stalls_total{kind=\"bvn\",end=\"held\"}";
    let page = port.reaches(stalls, 1.0).await;
    assert_eq!(page.value("kyc_jobs_held_total{kind=\"bvn\"}"), 1.0);
    assert_eq!(told(&other, *id), 1, "{}", other.log());

    jobs(&world, &["retry", &id.to_string()]).await;
    let done = world.end_of(&queue, *id).await;
    assert_eq!((done.state, done.calls), (State::Completed, 2));
    assert_eq!((done.unanswered_calls, done.attempts), (1, 1));
    assert_eq!(world.calls(job), 2);
    assert_eq!(other.terminate().await, 0);
    world.nothing_left(&queue).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_handed_back_during_its_call_needs_a_decision() {
    let world = slow(5_000).await;
    let queue = world.queue().await;
    let settings = [HOLD, ("grace", "300ms"), ("lease", "10m")];
    let mut first = world.worker("first", &settings).await;
    let all = enqueue(&world, &queue, 2).await;
    arrived(&world, 2).await;
    assert_eq!(first.terminate().await, 0);
    for (id, job) in &all {
        let known = asked(&world, &queue, *id).await;
        assert_eq!((known.attempts, known.stalls), (0, 0));
        assert_eq!((known.calls, known.unanswered_calls), (1, 1));
        assert_eq!(known.code.as_deref(), Some("handed_back"));
        assert_eq!((told(&first, *id), world.calls(job)), (1, 1));
    }
    let words = ["retry", "--place", "needs_decision", "--yes", "--json"];
    let retried: Vec<Value> = lines(&jobs(&world, &words).await);
    assert_eq!(retried, [json!({ "retried": 2, "not_done": 0 })]);
    let mut second = world.worker("second", &[HOLD]).await;
    all_published_once(&world, &queue, &all).await;
    assert!(all.iter().all(|(_, job)| world.calls(job) == 2));
    assert_eq!(second.terminate().await, 0);
}
