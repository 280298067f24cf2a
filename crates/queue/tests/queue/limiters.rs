//! Limiters: how many calls they let through at once, in a time, and under way.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use kyc_queue::{ACCOUNT, Limits};
use serde_json::json;

use crate::support::{
    Case, Handler, eventually, found, handler, request, start, worker, worker_of,
};

pub(crate) fn rate(text: &str) -> Limits {
    Limits {
        rate: Some(text.parse().unwrap()),
        ..Limits::default()
    }
}

/// What was sent: its kind, and when.
pub(crate) type Sent = Arc<Mutex<Vec<(String, Instant)>>>;

/// Spends its slots, and tells when.
pub(crate) fn noting() -> (Handler, Sent) {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&sent);
    let handler = handler(move |job| {
        let noted = Arc::clone(&noted);
        async move {
            let (kind, calls) = (job.kind().to_owned(), job.calls_before());
            if let Err(missed) = job.into_leave().slot().unwrap().spend().await {
                let class = kyc_domain::Class::Missed;
                return Err(kyc_domain::Failure::new(class, missed.code(), "Missed."));
            }
            noted.lock().unwrap().push((kind, Instant::now()));
            Ok(found(calls, 0))
        }
    });
    (handler, sent)
}

pub(crate) async fn enqueue(case: &Case, kind: &str, from: usize, count: usize) {
    let jobs: Vec<_> = (from..from + count)
        .map(|nth| request(kind, nth, json!({})))
        .collect();
    for accepted in case.queue.enqueue_all(&jobs).await {
        accepted.unwrap();
    }
}

pub(crate) async fn all_completed(case: &Case, count: u64) {
    eventually("all are done", async || {
        (case.depths().await.completed == count).then_some(())
    })
    .await;
}

/// The shortest time in which `calls` of them were sent.
fn shortest(sent: &[(String, Instant)], calls: usize) -> Duration {
    let mut times: Vec<Instant> = sent.iter().map(|(_, at)| *at).collect();
    times.sort_unstable();
    let spans = times.windows(calls).map(|span| span[calls - 1] - span[0]);
    spans.min().unwrap_or(Duration::MAX)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_goes_at_once_after_a_quiet_time_and_then_the_rate_holds() {
    let case = Case::start().await;
    let mut limits = rate("20/s");
    limits.rate.as_mut().unwrap().burst = 5;
    case.queue.set_limits("bvn", &limits).await.unwrap();
    enqueue(&case, "bvn", 0, 15).await;
    let (handler, sent) = noting();
    let worker = start(&case.queue, worker_of("one", 16, &["bvn"]), handler);
    all_completed(&case, 15).await;
    worker.stop().await;
    let sent = sent.lock().unwrap().clone();
    // Five at once, then ten that are 51 ms apart.
    assert!(
        shortest(&sent, 15) >= Duration::from_millis(450),
        "{sent:?}"
    );
    assert!(shortest(&sent, 5) < Duration::from_millis(150), "{sent:?}");
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_can_be_changed_while_workers_wait_for_it() {
    let case = Case::start().await;
    case.queue.set_limits("bvn", &rate("1/h")).await.unwrap();
    enqueue(&case, "bvn", 0, 20).await;
    let (handler, _) = noting();
    let worker = start(&case.queue, worker("one"), handler);
    all_completed(&case, 1).await;
    let standing = case.queue.limiters(&["bvn"]).await.unwrap();
    let done_by = standing[0].done_by.unwrap();
    assert!(
        done_by > Timestamp::now() + Duration::from_secs(18 * 3600),
        "{standing:?}"
    );
    assert_eq!((standing[0].used_today, standing[0].waiting), (1, 19));
    case.queue.set_limits("bvn", &rate("50/s")).await.unwrap();
    all_completed(&case, 20).await;
    assert_eq!(case.queue.limits("bvn").await.unwrap(), rate("50/s"));
    case.queue
        .set_limits("bvn", &Limits::default())
        .await
        .unwrap();
    assert!(case.queue.limits("bvn").await.unwrap().is_empty());
    worker.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_under_way_are_no_more_than_allowed_and_each_end_lets_the_next_begin() {
    let case = Case::start().await;
    let in_flight = |cap| Limits {
        in_flight: Some(cap),
        ..Limits::default()
    };
    case.queue.set_limits("bvn", &in_flight(3)).await.unwrap();
    case.queue.set_limits(ACCOUNT, &in_flight(4)).await.unwrap();
    let running = Arc::new(Mutex::new((0_isize, 0_isize)));
    let counting = Arc::clone(&running);
    let handler = handler(move |job| {
        let counting = Arc::clone(&counting);
        async move {
            let bvn = isize::from(job.kind() == "bvn");
            let add = |by: isize| {
                let mut running = counting.lock().unwrap();
                *running = (running.0 + by, running.1 + by * bvn);
                *running
            };
            let (all, bvn) = add(1);
            assert!(all <= 4 && bvn <= 3, "{all} {bvn}");
            tokio::time::sleep(Duration::from_millis(20)).await;
            add(-1);
            Ok(found(0, 0))
        }
    });
    let second = case.another_queue().await;
    let one = start(&case.queue, worker("one"), Arc::clone(&handler));
    let two = start(&second, worker("two"), handler);
    let begun = Instant::now();
    enqueue(&case, "bvn", 0, 90).await;
    enqueue(&case, "nin", 0, 30).await;
    all_completed(&case, 120).await;
    // Thirty rounds of 20 ms, were there no pause between them; polling once a second would take half a minute.
    assert!(
        begun.elapsed() < Duration::from_secs(15),
        "{:?}",
        begun.elapsed()
    );
    let standing = case.queue.limiters(&["bvn", "nin"]).await.unwrap();
    assert!(
        standing.iter().all(|limiter| limiter.in_flight == 0),
        "{standing:?}"
    );
    assert_eq!(standing[2].used_today, 120);
    one.stop().await;
    two.stop().await;
    case.done().await;
}
