//! Gates: what they let through, and what a job that waits says of them.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use kyc_queue::{ACCOUNT, Daily, Error, Limits, State};
use serde_json::json;

use crate::support::{
    Case, Handler, eventually, found, handler, request, start, worker, worker_of,
};

fn rate(text: &str) -> Limits {
    Limits {
        rate: Some(text.parse().unwrap()),
        ..Limits::default()
    }
}

/// Spends its slots, and tells when.
fn noting() -> (Handler, Arc<Mutex<Vec<(String, Instant)>>>) {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&sent);
    let handler = handler(move |job| {
        let noted = Arc::clone(&noted);
        async move {
            let (kind, calls) = (job.kind().to_owned(), job.calls_before());
            if let Err(missed) = job.into_slot().spend().await {
                let class = kyc_domain::Class::Missed;
                return Err(kyc_domain::Failure::new(class, missed.code(), "Missed."));
            }
            noted.lock().unwrap().push((kind, Instant::now()));
            Ok(found(calls, 0))
        }
    });
    (handler, sent)
}

async fn enqueue(case: &Case, kind: &str, from: usize, count: usize) {
    let jobs: Vec<_> = (from..from + count)
        .map(|nth| request(kind, nth, json!({})))
        .collect();
    for accepted in case.queue.enqueue_all(&jobs).await {
        accepted.unwrap();
    }
}

async fn all_completed(case: &Case, count: u64) {
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
    let standing = case.queue.gates(&["bvn"]).await.unwrap();
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
    let flying = Arc::new(Mutex::new((0_isize, 0_isize)));
    let counting = Arc::clone(&flying);
    let handler = handler(move |job| {
        let counting = Arc::clone(&counting);
        async move {
            let bvn = isize::from(job.kind() == "bvn");
            let add = |by: isize| {
                let mut flying = counting.lock().unwrap();
                *flying = (flying.0 + by, flying.1 + by * bvn);
                *flying
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
    let standing = case.queue.gates(&["bvn", "nin"]).await.unwrap();
    assert!(
        standing.iter().all(|gate| gate.in_flight == 0),
        "{standing:?}"
    );
    assert_eq!(standing[2].used_today, 120);
    one.stop().await;
    two.stop().await;
    case.done().await;
}

/// A zone whose next midnight comes in so many seconds.
fn zone_with_midnight_in(seconds: i64) -> String {
    let now = Timestamp::now().as_second();
    // East of Greenwich by what is missing to midnight, UTC being where it is.
    let east = (-(now + seconds)).rem_euclid(86_400);
    let east = if east > 43_200 { east - 86_400 } else { east };
    let (sign, off) = if east >= 0 { ("-", east) } else { ("", -east) };
    format!(
        "<T00>{sign}{:02}:{:02}:{:02}",
        off / 3600,
        off / 60 % 60,
        off % 60
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_s_calls_end_and_midnight_brings_the_next_also_after_redis_was_away() {
    let mut case = Case::with(
        |_| (),
        kyc_sandbox::redis::Options {
            append_only: true,
            sync_always: true,
            ..Default::default()
        },
    )
    .await;
    let quota = |calls, seconds| Limits {
        daily: Some(Daily {
            calls,
            zone: zone_with_midnight_in(seconds),
        }),
        ..Limits::default()
    };
    case.queue.set_limits("bvn", &quota(5, 6)).await.unwrap();
    let midnight = Timestamp::now() + Duration::from_secs(6);
    enqueue(&case, "bvn", 0, 12).await;
    let (handler, _) = noting();
    let worker = start(&case.queue, worker("one"), handler);
    all_completed(&case, 5).await;
    let parked = case.queue.parked(&["bvn"]).await.unwrap().pop().unwrap();
    assert_eq!(parked.reason, "daily_quota");
    let until = Timestamp::from_millisecond(parked.until_ms.unwrap()).unwrap();
    assert!(
        until.duration_since(midnight).abs().as_secs() <= 2,
        "{until} {midnight}"
    );
    case.redis.restart().unwrap();
    let standing = eventually("Redis is back", async || {
        case.queue.gates(&["bvn"]).await.ok()
    })
    .await;
    assert_eq!((standing[0].used_today, standing[0].waiting), (5, 7));
    assert_eq!(case.depths().await.completed, 5, "not before midnight");
    all_completed(&case, 10).await;
    assert!(Timestamp::now() >= until);
    // The next midnight is a day away.
    let standing = case.queue.gates(&["bvn"]).await.unwrap();
    let closed = standing[0].closed.clone().unwrap();
    assert_eq!(closed.reason, "daily_quota");
    let next = closed.until.unwrap().duration_since(until);
    assert_eq!(next.as_hours(), 24, "{closed:?}");
    assert_eq!(case.depths().await.completed, 10);
    let more = quota(100, 3600);
    case.queue.set_limits("bvn", &more).await.unwrap();
    all_completed(&case, 12).await;
    worker.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_waits_says_why_and_until_when() {
    let case = Case::start().await;
    enqueue(&case, "bvn", 0, 9).await;
    let last = case.enqueue(&request("bvn", 10, json!({}))).await.id;
    let why = async || case.look(last).await.waiting.unwrap();
    let plain = why().await;
    assert_eq!((plain.why.as_str(), plain.ahead), ("in_line", Some(9)));
    assert_eq!(
        (plain.scope, plain.expected_at),
        (None, None),
        "nothing tells how fast it goes"
    );

    case.queue.set_limits("bvn", &rate("2/m")).await.unwrap();
    let (handler, _) = noting();
    let worker = start(&case.queue, worker("one"), handler);
    all_completed(&case, 1).await;
    let limited = eventually("the rate holds it", async || {
        Some(why().await).filter(|waiting| waiting.ahead == Some(8))
    })
    .await;
    assert_eq!(
        (limited.why.as_str(), limited.scope.as_deref()),
        ("rate", Some("bvn"))
    );
    let expected = limited
        .expected_at
        .unwrap()
        .duration_since(Timestamp::now());
    assert!(
        (240..=275).contains(&expected.as_secs()),
        "nine intervals of 30 s: {expected}"
    );

    case.queue.pause(ACCOUNT).await.unwrap();
    let paused = why().await;
    assert_eq!(
        (
            paused.why.as_str(),
            paused.scope.as_deref(),
            paused.until,
            paused.expected_at
        ),
        ("paused", Some(ACCOUNT), None, None)
    );
    assert_eq!(
        case.queue.resume(ACCOUNT).await.unwrap().as_deref(),
        Some("paused")
    );
    assert_eq!(case.queue.resume(ACCOUNT).await.unwrap(), None);
    let nothing = Limits {
        in_flight: Some(0),
        ..Limits::default()
    };
    let refused = case.queue.set_limits("bvn", &nothing);
    assert!(matches!(refused.await, Err(Error::Limit(error)) if error.what == "in_flight"));
    case.queue
        .set_limits("bvn", &Limits::default())
        .await
        .unwrap();
    assert_eq!(case.ended(last).await.state, State::Completed);
    worker.stop().await;
    case.done().await;
}

/// Slots that a frozen process held are not sent late: they are taken anew.
#[tokio::test(flavor = "multi_thread")]
async fn a_slot_that_passed_is_given_back_and_costs_nothing() {
    let case = Case::start().await;
    case.queue.set_limits("bvn", &rate("20/s")).await.unwrap();
    let late = Arc::new(Mutex::new(0));
    let misses = Arc::clone(&late);
    let handler = handler(move |job| {
        let misses = Arc::clone(&misses);
        async move {
            assert_eq!((job.attempt(), job.calls_before()), (1, 0));
            let is_first = {
                let mut misses = misses.lock().unwrap();
                *misses += 1;
                *misses <= 3
            };
            if is_first {
                // Longer than a slot lies ahead, and than it may be late.
                tokio::time::sleep(Duration::from_millis(400)).await;
            }
            match job.into_slot().spend().await {
                Ok(()) => Ok(found(0, 0)),
                Err(missed) => {
                    assert_eq!(missed, kyc_queue::Missed::Late);
                    let class = kyc_domain::Class::Missed;
                    Err(kyc_domain::Failure::new(class, missed.code(), "Missed."))
                }
            }
        }
    });
    enqueue(&case, "bvn", 0, 10).await;
    let worker = start(&case.queue, worker("one"), handler);
    all_completed(&case, 10).await;
    assert_eq!(*late.lock().unwrap(), 13);
    let standing = case.queue.gates(&["bvn"]).await.unwrap();
    assert_eq!((standing[0].used_today, standing[0].in_flight), (10, 0));
    worker.stop().await;
    case.done().await;
}
