//! A provider that fails for all jobs: the circuit of the kind opens, and later failures do not count as attempts.

use kyc_queue::{State, Verification};
use kyc_sandbox::{Retry, Trouble};
use kyc_tests::{Job, World, eventually};

use super::{End::Completed, QUICK, ended, settle};

#[derive(Clone, Copy, Debug)]
enum Failing {
    Status(u16),
    HangingUp,
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_circuit_spends_no_attempt() {
    let mut world = World::new().await;
    settle(&mut world, &QUICK);
    settle(
        &mut world,
        &[("circuit_failures", "3"), ("pause_first", "3s")],
    );
    let queue = world.queue().await;
    let _worker = world.worker("worker", &[]).await;
    let rows = [
        ("bvn", Failing::Status(500), "transient", 0),
        ("nin", Failing::HangingUp, "ambiguous", 3),
    ];
    let mut enqueued = Vec::new();
    for (kind, failing, class, unanswered) in rows {
        let trouble = match failing {
            Failing::Status(status) => Trouble::status(status, Retry::Unsaid),
            Failing::HangingUp => Trouble::drop_connections(),
        };
        // The circuit opens at the third failure. After the pause, a single probe is sent.
        world.sandbox().trouble(trouble.of(kind).times(3));
        let job = Job::of_case(kind, "000");
        enqueued.push((
            world.enqueue(&queue, &job).await,
            job,
            kind,
            class,
            unanswered,
        ));
    }
    let mut behind = Vec::new();
    for (id, job, kind, class, unanswered) in &enqueued {
        let known: Verification = eventually("the circuit opens", async || {
            let known = world.look(&queue, *id).await;
            let open = known
                .waiting
                .as_ref()
                .is_some_and(|waiting| waiting.why == "circuit_open");
            open.then_some(known)
        })
        .await;
        let waiting = known.waiting.as_ref().unwrap();
        assert_eq!(waiting.scope.as_deref(), Some(*kind));
        // Two attempts failed before the circuit opened. The one that opened it does not count.
        assert_eq!(
            (known.state, known.attempts),
            (State::Waiting, 2),
            "{known:?}"
        );
        assert_eq!((known.calls, world.calls(job)), (3, 3), "{known:?}");
        assert_eq!(known.unanswered_calls, *unanswered, "{known:?}");
        assert!(
            known.history.iter().all(|attempt| attempt.class == *class),
            "{known:?}"
        );
        let until = waiting.until.unwrap();
        let next = Job::new(kind, &job.number().replacen('4', "5", 1));
        behind.push((world.enqueue(&queue, &next).await, next, until));
    }
    for (id, job, _, class, unanswered) in &enqueued {
        let known = world.end_of(&queue, *id).await;
        ended(class, &known, Completed("found"), 3, class);
        assert_eq!((known.calls, world.calls(job)), (4, 4), "{known:?}");
        assert_eq!(known.unanswered_calls, *unanswered, "{known:?}");
    }
    for (id, job, until) in behind {
        let known = world.end_of(&queue, id).await;
        assert!(known.finished_at.unwrap() >= until, "it waited: {known:?}");
        assert_eq!((known.attempts, world.calls(&job)), (1, 1), "{known:?}");
    }
    world.nothing_left(&queue).await;
}
