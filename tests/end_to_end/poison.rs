//! A job that aborts its process whenever it runs. It dies, and other jobs complete.

use std::{collections::BTreeMap, time::Duration};

use kyc_queue::State;
use kyc_tests::{Program, eventually_within};

use crate::crash::{enqueue, slow};

/// Long enough for three deaths, each followed by the end of a lease, on a loaded machine.
const LONG: Duration = Duration::from_secs(120);
const SETTINGS: [(&str, &str); 3] = [("lease", "1s"), ("concurrency", "8"), ("max_stalls", "3")];

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_aborts_its_process_dies_of_max_stalls_and_its_neighbours_complete() {
    let world = slow(400).await;
    let queue = world.queue().await;
    let jobs = enqueue(&world, &queue, 60).await;
    let (poison, poisonous) = &jobs[3];
    let mut workers: BTreeMap<String, Program> = BTreeMap::new();
    let mut deaths = 0;
    for name in ["one", "two"] {
        workers.insert(name.to_owned(), world.worker(name, &SETTINGS).await);
    }
    // The worker with the poison dies during its call, and is restarted under another name, like a pod.
    let dead = eventually_within(LONG, "the poison is dead", async || {
        let known = world.look(&queue, *poison).await;
        if known.state == State::Dead {
            return Some(known);
        }
        let called = world.calls(poisonous) > deaths;
        if let Some(mut victim) = known
            .worker
            .filter(|_| called)
            .and_then(|worker| workers.remove(&worker))
        {
            victim.signal("ABRT").await;
            victim.died().await;
            deaths += 1;
            let name = format!("again-{deaths}");
            let worker = world.worker(&name, &SETTINGS).await;
            workers.insert(name, worker);
        }
        None
    })
    .await;
    assert_eq!(
        (dead.code.as_deref(), dead.stalls, dead.attempts, deaths),
        (Some("stalled"), 4, 0, 4)
    );
    assert_eq!(dead.unanswered_calls, 4);
    let mut most = 0;
    for (id, _) in jobs.iter().filter(|(id, _)| id != poison) {
        let known = world.end_of(&queue, *id).await;
        assert_eq!(known.state, State::Completed, "{id}");
        most = most.max(known.stalls);
    }
    // After two stalls, the job ran alone among the quarantined jobs.
    assert!(most < 4, "a neighbour stalled {most} times");
    assert_eq!(world.published(&queue).await.len(), jobs.len());
    world.nothing_left(&queue).await;
}
