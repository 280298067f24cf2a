//! The whole queue in numbers: what is there, since when, and what will soon be dropped.

use std::time::Duration;

use jiff::Timestamp;
use kyc_queue::{Gauges, WorkerConfig};
use kyc_sandbox::redis::Options;
use redis::AsyncCommands as _;
use serde_json::json;

use crate::{
    leases::SHORT,
    support::{Case, KINDS, eventually, found, handler, request, start, worker, worker_of},
};

const HOUR: Duration = Duration::from_secs(3600);

async fn gauges(case: &Case) -> Gauges {
    case.queue.gauges(&KINDS).await.unwrap()
}

/// Milliseconds since 1970, so many seconds ago.
fn ago(seconds: u64) -> i64 {
    Timestamp::now().as_millisecond() - i64::try_from(seconds).unwrap() * 1000
}

/// Dead jobs of that age.
async fn died(case: &Case, seconds_ago: &[u64]) {
    let mut raw = case.raw().await;
    for (nth, seconds) in seconds_ago.iter().enumerate() {
        let id = format!("dead-{nth}");
        let _: () = raw.zadd(case.key("dead"), id, ago(*seconds)).await.unwrap();
    }
}

/// About that long: the clocks are read one after the other.
#[track_caller]
fn about(duration: Option<Duration>, expected: Duration) {
    let duration = duration.expect("there is one");
    let apart = duration.abs_diff(expected);
    assert!(
        apart < Duration::from_secs(30),
        "{duration:?}, not {expected:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_queue_has_no_ages_and_nothing_that_expires() {
    let case = Case::start().await;
    let seen = gauges(&case).await;
    assert_eq!(seen.oldest, kyc_queue::Oldest::default());
    assert_eq!(seen.expiring, kyc_queue::Expiring::default());
    assert!(seen.stalls.is_empty() && seen.parked.is_empty());
    assert_eq!(
        seen.depths.ready,
        [("bvn", 0), ("nin", 0)]
            .map(|(k, n)| (k.to_owned(), n))
            .into()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_job_of_every_state_tells_since_when_it_is_there() {
    let case = Case::start().await;
    let mut raw = case.raw().await;
    let low = case
        .enqueue(&request("bvn", 1, json!({"priority": "low"})))
        .await;
    case.enqueue(&request("bvn", 2, json!({"priority": "high"})))
        .await;
    let job = case.key(&format!("job:{}", low.id));
    let header: String = raw.hget(&job, "header").await.unwrap();
    let (_, rest) = header.split_once(',').unwrap();
    let header = format!(r#"{{"enqueued":{},{rest}"#, ago(3600));
    let _: () = raw.hset(job, "header", header).await.unwrap();
    let _: () = raw
        .zadd(case.key("scheduled"), "late", ago(120))
        .await
        .unwrap();
    let entry = format!("{}-0", ago(60));
    redis::cmd("XADD")
        .arg(case.key("inbox"))
        .arg(&[&entry, "job", "{}"])
        .exec_async(&mut raw)
        .await
        .unwrap();
    died(&case, &[30, 7200]).await;
    let seen = gauges(&case).await.oldest;
    about(seen.ready.get("bvn").copied(), HOUR);
    assert_eq!(seen.ready.get("nin"), None);
    about(seen.scheduled, Duration::from_secs(120));
    about(seen.inbox, Duration::from_secs(60));
    about(seen.dead, 2 * HOUR);
    // One whose time lies ahead is not late.
    let _: () = raw.del(case.key("scheduled")).await.unwrap();
    let ahead = Timestamp::now().as_millisecond() + 60_000;
    let _: () = raw
        .zadd(case.key("scheduled"), "ahead", ahead)
        .await
        .unwrap();
    assert_eq!(gauges(&case).await.oldest.scheduled, Some(Duration::ZERO));
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_jobs_expire_within_a_day_or_the_last_tenth_of_their_retention() {
    for (keep, ages, jobs, first_in) in [
        // The last day of thirty: two of them.
        (720 * HOUR, [1, 690, 697, 719], 2, HOUR),
        // The last tenth of ten hours is one hour.
        (10 * HOUR, [0, 5, 8, 8], 0, 2 * HOUR),
    ] {
        let case = Case::with(|config| config.keep_dead = keep, Options::default()).await;
        died(&case, &ages.map(|hours| hours * 3600)).await;
        let seen = case.queue.expiring().await.unwrap();
        assert_eq!(seen.jobs, jobs, "{keep:?}");
        about(seen.first_in, first_in);
    }
    // The last minutes of ten hours.
    let case = Case::with(|config| config.keep_dead = 10 * HOUR, Options::default()).await;
    died(&case, &[9 * 3600 + 1800, 9 * 3600 + 60, 8 * 3600]).await;
    let seen = gauges(&case).await.expiring;
    assert_eq!(seen.jobs, 2);
    about(seen.first_in, HOUR / 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_died_is_a_stall_of_its_jobs_kinds() {
    let case = Case::start().await;
    let config = WorkerConfig {
        lease: SHORT,
        max_stalls: 0,
        ..worker_of("one", 8, &["bvn"])
    };
    let hanging = handler(|_| std::future::pending());
    let victim = start(&case.queue, config.clone(), hanging);
    let stalled = case.enqueue(&request("bvn", 1, json!({}))).await;
    eventually("it runs", async || {
        (case.depths().await.running == 1).then_some(())
    })
    .await;
    victim.crash();
    let config = WorkerConfig {
        name: "two".to_owned(),
        ..config
    };
    let other = start(&case.queue, config, handler(|_| async { Ok(found(0, 0)) }));
    case.dead(stalled.id).await;
    let key = |end: &str| ("bvn".to_owned(), end.to_owned());
    assert_eq!(gauges(&case).await.stalls, [(key("dead"), 1)].into());
    other.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_has_not_begun_is_alive_holds_nothing_and_renews_nothing_yet() {
    let case = Case::start().await;
    let decide = crate::support::policy(kyc_domain::Policy::default(), SHORT);
    let backend = kyc_queue::Backend::new(
        case.queue.clone(),
        worker("one"),
        decide,
        std::sync::Arc::new(kyc_queue::NoImages),
    );
    let liveness = backend.liveness();
    assert!(liveness.is_alive());
    assert_eq!(liveness.leases(), 0);
    assert!(liveness.renews().unwrap_err().contains("starting"));
    case.done().await;
}
