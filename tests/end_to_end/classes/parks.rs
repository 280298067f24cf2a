//! Answers that pause a whole kind: until a person resumes it, for the time that the provider names, or for growing pauses.
//! The job spends no attempt, and completes once its kind is resumed.

use std::time::Duration;

use jiff::Timestamp;
use kyc_domain::VerificationId;
use kyc_queue::{Queue, State, Verification};
use kyc_sandbox::{Retry, Trouble};
use kyc_tests::{Job, World, eventually};

use super::{
    End::Completed,
    QUICK, ended,
    provider::{Act, Provider, RECORD, answer, refused},
    settle,
};

/// Long enough to be observed.
pub(super) const FIRST_PAUSE: Duration = Duration::from_secs(3);
const ASKED: Duration = Duration::from_secs(3);

/// The length of a pause.
#[derive(Clone, Copy, Debug)]
enum Until {
    Resumed,
    /// At least this long, and not much longer.
    Over(Duration),
}

/// One answer of the provider, and the pause of the kind.
pub(super) struct Row<D> {
    what: &'static str,
    does: D,
    reason: &'static str,
    class: &'static str,
    until: Until,
}

pub(super) const fn row<D>(what: &'static str, does: D, reason: &'static str) -> Row<D> {
    let (class, until) = match reason.as_bytes()[0] {
        b'k' => ("key", Until::Resumed),
        b'w' => ("wallet", Until::Resumed),
        b'r' => ("wait", Until::Over(ASKED)),
        _ => ("wait", Until::Over(FIRST_PAUSE)),
    };
    Row {
        what,
        does,
        reason,
        class,
        until,
    }
}

/// The rows that are tested at the same time, each with its own kind.
const KINDS: [&str; 6] = [
    "bvn",
    "nin",
    "nin_phone",
    "cac",
    "drivers_license",
    "passport",
];

/// Answers that pause by their status, sent by the sandbox.
#[rustfmt::skip]
const STATUSES: [Row<(u16, Retry)>; 12] = [
    row("401", (401, Retry::Unsaid), "key_refused"),
    row("403", (403, Retry::Unsaid), "key_refused"),
    row("402", (402, Retry::Unsaid), "wallet_empty"),
    row("429 with Retry-After: 0", (429, Retry::Seconds(0)), "throttled"),
    row("429 with seconds", (429, Retry::Seconds(3)), "retry_after"),
    row("429 with a date", (429, Retry::DateIn(3)), "retry_after"),
    row("429 without Retry-After", (429, Retry::Unsaid), "throttled"),
    row("408 with Retry-After", (408, Retry::Seconds(3)), "retry_after"),
    row("425 with Retry-After", (425, Retry::Seconds(3)), "retry_after"),
    row("503 with seconds", (503, Retry::Seconds(3)), "retry_after"),
    row("503 with a date", (503, Retry::DateIn(3)), "retry_after"),
    row("401 with Retry-After", (401, Retry::Seconds(3)), "key_refused"),
];

/// Answers that pause by their message, sent by a raw provider.
#[rustfmt::skip]
fn sentences() -> Vec<Row<Act>> {
    const OK: &str = "200 OK";
    let empty = |message| answer(OK, format!(r#"{{"status":"success","data":null,"message":"{message}"}}"#));
    vec![
        row("200 about the wallet", refused(OK, "Insufficient wallet balance"), "wallet_empty"),
        row("200 about the key", refused(OK, "Invalid API key"), "key_refused"),
        row("200 about too many calls", refused(OK, "Too many requests"), "throttled"),
        row("200 about too many calls, with Retry-After", refused("200 OK\nRetry-After: 3", "Rate limit exceeded"), "retry_after"),
        row("success without a record, about the wallet", empty("Insufficient funds"), "wallet_empty"),
        row("success without a record, about the key", empty("Token has expired"), "key_refused"),
        row("400 about the wallet", refused("400 Bad Request", "Insufficient balance"), "wallet_empty"),
        row("400 about the key", refused("400 Bad Request", "API key not found"), "key_refused"),
        row("403 about the wallet", refused("403 Forbidden", "Low balance, key disabled"), "wallet_empty"),
        row("403 about too many calls", refused("403 Forbidden", "API rate limit exceeded for this token"), "throttled"),
        row("404 about the key", refused("404 Not Found", "API key not found"), "key_refused"),
        row("422 about too many calls", refused("422 Unprocessable", "Too many attempts"), "throttled"),
        row("429 with a date that has passed", refused("429 Too Many\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT", ""), "throttled"),
        row("429 about the wallet", refused("429 Too Many\nRetry-After: 3", "Insufficient balance"), "wallet_empty"),
        row("429 about the key", refused("429 Too Many\nRetry-After: 3", "Too many attempts with this API key"), "retry_after"),
        row("401 that finds no record", refused("401 Unauthorized", "Record not found"), "key_refused"),
        row("409 about the key", refused("409 Conflict", "Unauthorized"), "key_refused"),
    ]
}

/// Runs the jobs of some rows, one of each kind. Asserts that each kind is parked as its row requires, and that all jobs
/// complete. `calls` returns the number of calls that arrived for a job.
async fn wave<D>(
    world: &World,
    queue: &Queue,
    rows: &[Row<D>],
    jobs: &[Job],
    calls: impl Fn(&Job) -> u32,
) {
    let mut ids = Vec::new();
    for job in jobs {
        ids.push(world.enqueue(queue, job).await);
    }
    let seen = all_parked(world, queue, &ids).await;
    for (((row, kind), job), (known, at)) in rows.iter().zip(KINDS).zip(jobs).zip(&seen) {
        parked(row, kind, known, *at);
        if matches!(row.until, Until::Resumed) {
            assert_eq!(calls(job), 1, "calls that arrived of {}", row.what);
            let was = queue.resume(kind).await.unwrap();
            assert_eq!(was.as_deref(), Some(row.reason), "{}", row.what);
        }
    }
    for (((row, job), id), (waited, _)) in rows.iter().zip(jobs).zip(ids).zip(seen) {
        let known = world.end_of(queue, id).await;
        let what = row.what;
        let until = waited.waiting.and_then(|waiting| waiting.until);
        assert!(
            known.finished_at >= until,
            "{what} came too early: {known:?}"
        );
        ended(what, &known, Completed("found"), 1, row.class);
        assert_eq!(
            (known.calls, known.unanswered_calls),
            (2, 0),
            "{what}: {known:?}"
        );
        assert_eq!(calls(job), 2, "calls that arrived of {what}");
    }
    assert!(queue.parked(&KINDS).await.unwrap().is_empty(), "all go on");
}

/// Returns every job as it was when it was first seen waiting for its parked kind, with the time of that.
pub(super) async fn all_parked(
    world: &World,
    queue: &Queue,
    ids: &[VerificationId],
) -> Vec<(Verification, Timestamp)> {
    let mut seen: Vec<Option<(Verification, Timestamp)>> = vec![None; ids.len()];
    eventually("all kinds are parked", async || {
        for (id, seen) in ids.iter().zip(&mut seen) {
            if seen.is_none() {
                let known = world.look(queue, *id).await;
                let waits = known
                    .waiting
                    .as_ref()
                    .is_some_and(|waiting| waiting.why != "ready");
                *seen = (waits || known.state.is_final()).then(|| (known, Timestamp::now()));
            }
        }
        seen.iter().all(Option::is_some).then_some(())
    })
    .await;
    seen.into_iter().flatten().collect()
}

pub(super) fn parked<D>(row: &Row<D>, kind: &str, known: &Verification, at: Timestamp) {
    let what = row.what;
    assert_eq!(
        (known.state, known.attempts),
        (State::Waiting, 0),
        "{what}: {known:?}"
    );
    assert_eq!(
        (known.calls, known.unanswered_calls),
        (1, 0),
        "{what}: {known:?}"
    );
    let waiting = known.waiting.as_ref().unwrap();
    assert_eq!(waiting.why, row.reason, "{what}");
    assert_eq!(waiting.scope.as_deref(), Some(kind), "{what}");
    assert_eq!(known.history[0].class, row.class, "{what}");
    match row.until {
        Until::Resumed => assert_eq!(waiting.until, None, "{what}"),
        Until::Over(time) => {
            let until = waiting.until.unwrap();
            // Times are stored in whole milliseconds.
            let least = known.enqueued_at + time - Duration::from_millis(2);
            // A date has whole seconds and is rounded up.
            let most = at + time + Duration::from_secs(1);
            assert!(
                until >= least && until <= most,
                "{what}: {least} {until} {most}"
            );
        }
    }
}

pub(super) async fn quick(world: &mut World) -> Queue {
    settle(world, &QUICK);
    settle(world, &[("pause_first", "3s")]);
    world.queue().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_parking_status_parks_its_kind_and_the_job_completes() {
    let mut world = World::new().await;
    let queue = quick(&mut world).await;
    let _worker = world.worker("worker", &[]).await;
    for (nth, rows) in STATUSES.chunks(KINDS.len()).enumerate() {
        let mut jobs = Vec::new();
        for (row, kind) in rows.iter().zip(KINDS) {
            let (status, retry) = row.does;
            let trouble = Trouble::status(status, retry).of(kind).times(1);
            world.sandbox().trouble(trouble);
            // The case is the same, but each wave has another number.
            let number = kyc_tests::number(kind, "000");
            jobs.push(Job::new(kind, &number.replacen('4', &nth.to_string(), 1)));
        }
        let calls = |job: &Job| u32::try_from(world.calls(job)).unwrap();
        wave(&world, &queue, rows, &jobs, calls).await;
    }
    world.nothing_left(&queue).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_parking_message_parks_its_kind_and_the_job_completes() {
    let provider = Provider::start().await;
    let mut world = World::without_sandbox(&provider.url());
    let queue = quick(&mut world).await;
    let _worker = world.worker("worker", &[]).await;
    for (nth, rows) in sentences().chunks(KINDS.len()).enumerate() {
        let mut jobs = Vec::new();
        for (row, kind) in rows.iter().zip(KINDS) {
            let number = kyc_tests::number(kind, "000");
            let job = Job::new(kind, &number.replacen('4', &nth.to_string(), 1));
            provider.script(job.number(), &[row.does.clone(), answer("200 OK", RECORD)]);
            jobs.push(job);
        }
        wave(&world, &queue, rows, &jobs, |job| {
            provider.calls(job.number())
        })
        .await;
    }
    world.nothing_left(&queue).await;
}
