//! A long outage of the provider costs one call in each pause. No job dies, and the backlog then drains at the limit.

use std::time::Duration;

use kyc_queue::{Filter, Place};
use kyc_sandbox::{Config, Retry, Sandbox, Trouble, arrivals::busiest};
use kyc_tests::{TOKEN, World, eventually, eventually_within};

use crate::{
    alone,
    fleet::{Fleet, SECOND, enqueue, jobs, per_second},
};

const JOBS: usize = 300;
const LIMIT: u32 = 50;
/// The default pauses divided by a hundred: five minutes at most become three seconds.
const PAUSES: [(&str, &str); 3] = [
    ("pause_first", "100ms"),
    ("pause_longest", "3s"),
    ("max_attempts", "3"),
];
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

#[derive(Clone, Copy, Debug)]
enum Outage {
    Status,
    Refused,
}

async fn provider(port: u16) -> Sandbox {
    let config = Config {
        latency: Duration::from_millis(20),
        api_token: Some(TOKEN.to_owned()),
        image_bytes: 4_000,
        ..Config::default()
    };
    let sandbox = Sandbox::start(([127, 0, 0, 1], port).into(), config).await;
    sandbox.unwrap()
}

async fn survives(outage: Outage) {
    let sandbox = provider(0).await;
    let port = sandbox.address().port();
    let mut world = World::without_sandbox(&sandbox.url());
    for (key, value) in PAUSES {
        world.set(key, value);
    }
    let queue = world.queue().await;
    queue.set_limits("bvn", &per_second(LIMIT)).await.unwrap();
    let _fleet = Fleet::start(&world, 3).await;
    let away = match outage {
        Outage::Status => {
            sandbox.trouble(Trouble::status(503, Retry::Unsaid));
            Some(sandbox)
        }
        Outage::Refused => {
            drop(sandbox);
            None
        }
    };
    enqueue(&queue, &jobs("bvn", JOBS)).await;
    eventually("the circuit opens", async || {
        let parked = queue.parked(&["bvn"]).await.unwrap();
        parked
            .first()
            .filter(|parked| parked.reason == "circuit_open")
            .map(|_| ())
    })
    .await;
    // Long enough for the pauses to grow to the longest.
    tokio::time::sleep(Duration::from_secs(7)).await;
    let before = failures(&queue).await;
    tokio::time::sleep(LONGEST_PAUSE * 3).await;
    let probes = failures(&queue).await - before;
    assert!(
        (2..=4).contains(&probes),
        "one for each pause of 3 s, in 9 s: {probes}"
    );
    let depths = queue.depths(&["bvn"]).await.unwrap();
    assert_eq!((depths.dead, depths.completed), (0, 0), "{depths:?}");

    let sandbox = match away {
        Some(sandbox) => {
            sandbox.clear();
            sandbox
        }
        None => provider(port).await,
    };
    let begun = sandbox.elapsed();
    eventually_within(Duration::from_secs(90), "the backlog is done", async || {
        let depths = queue.depths(&["bvn"]).await.unwrap();
        (depths.completed == JOBS as u64).then_some(())
    })
    .await;
    let arrivals = sandbox.arrivals("bvn");
    let backlog: Vec<Duration> = arrivals.into_iter().filter(|at| *at >= begun).collect();
    assert_eq!(backlog.len(), JOBS, "one call each");
    assert!(busiest(&backlog, SECOND) <= LIMIT as usize);
    // Measured from the second call, since the first was the last probe.
    let took = backlog[JOBS - 1] - backlog[1];
    let at_the_limit = SECOND.mul_f64(JOBS as f64 / f64::from(LIMIT));
    assert!(
        took < at_the_limit.mul_f64(1.3),
        "{took:?} instead of {at_the_limit:?}"
    );
    for id in queue
        .select(&Filter::all(Place::Completed), &["bvn"])
        .await
        .unwrap()
    {
        let job = world.look(&queue, id).await;
        // A job that failed before the circuit opened has spent one attempt, and another one to succeed.
        assert!(job.attempts <= 2, "{outage:?}: {job:?}");
    }
}

/// Returns the number of failed attempts in the counts of the last minutes.
async fn failures(queue: &kyc_queue::Queue) -> u64 {
    let minutes = queue.minutes(5).await.unwrap();
    let counts = minutes.iter().flat_map(|minute| &minute.counts);
    let failed = counts.filter(|(what, _)| what.starts_with("failed bvn"));
    failed.map(|(_, count)| count).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_answers_503_costs_one_call_in_each_pause() {
    let _alone = alone().await;
    survives(Outage::Status).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_refuses_connections_costs_one_try_in_each_pause() {
    let _alone = alone().await;
    survives(Outage::Refused).await;
}
