//! Limiters and time: days, what a job that waits says, and slots that passed.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::Timestamp;
use kyc_queue::{ACCOUNT, Daily, Error, Limits, State};
use serde_json::json;

use crate::{
    limiters::{all_completed, enqueue, noting, rate},
    support::{Case, eventually, found, handler, request, start, worker},
};

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
        case.queue.limiters(&["bvn"]).await.ok()
    })
    .await;
    assert_eq!((standing[0].used_today, standing[0].waiting), (5, 7));
    assert_eq!(case.depths().await.completed, 5, "not before midnight");
    all_completed(&case, 10).await;
    assert!(Timestamp::now() >= until);
    // The next midnight is a day away.
    let standing = case.queue.limiters(&["bvn"]).await.unwrap();
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
    assert_eq!((plain.why.as_str(), plain.ahead), ("ready", Some(9)));
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
            match job.into_leave().slot().unwrap().spend().await {
                Ok(_) => Ok(found(0, 0)),
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
    // A busy machine may be late by itself.
    assert!(*late.lock().unwrap() >= 13);
    let standing = case.queue.limiters(&["bvn"]).await.unwrap();
    assert_eq!((standing[0].used_today, standing[0].in_flight), (10, 0));
    worker.stop().await;
    case.done().await;
}
