//! Redis' clock was ahead, and is set back: what was written by the time that it showed.

use std::time::Duration;

use jiff::Timestamp;
use kyc_domain::Class;
use redis::AsyncCommands as _;
use serde_json::json;

use crate::support::{Case, eventually, failed, found, handler, request, start, worker};

const DAY: i64 = 24 * 3600 * 1000;

#[tokio::test(flavor = "multi_thread")]
async fn what_a_clock_that_was_ahead_put_off_comes_in_its_time() {
    let case = Case::start().await;
    let mut redis = case.raw().await;
    let now = Timestamp::now().as_millisecond();
    let failing = start(
        &case.queue,
        worker("failing"),
        handler(|_| async { Err(failed(Class::Refused)) }),
    );
    let id = case
        .enqueue(&request("bvn", 1, json!({"max_attempts": 100})))
        .await
        .id;
    eventually("it failed", async || {
        (case.look(id).await.attempts > 0).then_some(())
    })
    .await;
    failing.crash();
    let not_before = (Timestamp::now() + Duration::from_secs(2 * 24 * 3600)).to_string();
    let later = case
        .enqueue(&request("bvn", 2, json!({"not_before": not_before})))
        .await
        .id;

    // As a clock that is a day ahead would have written it.
    let _: () = redis
        .zadd(case.key("scheduled"), id.to_string(), now + DAY + 500)
        .await
        .unwrap();
    let _: () = redis
        .set(case.key("last-heartbeat"), now + DAY)
        .await
        .unwrap();
    let _: () = redis
        .zadd(case.key("workers"), "gone", now + DAY)
        .await
        .unwrap();
    let closed = [
        ("until", now + DAY + 300),
        ("closed_at", now + DAY),
        ("paused", now + DAY + 200),
        ("paused_at", now + DAY),
    ];
    let _: () = redis
        .hset_multiple(case.key("limiter:bvn"), &closed)
        .await
        .unwrap();
    let _: () = redis
        .hset(case.key("limiter:bvn"), "reason", "throttled")
        .await
        .unwrap();
    let counted = [
        ("used", 0),
        ("day_from", now + DAY - 60_000),
        ("day_to", now + 2 * DAY),
    ];
    let _: () = redis
        .hset_multiple(case.key("limiter:bvn"), &counted)
        .await
        .unwrap();
    let before = [("last_used", 7), ("last_from", now - 1)];
    let _: () = redis
        .hset_multiple(case.key("limiter:bvn"), &before)
        .await
        .unwrap();

    let good = start(
        &case.queue,
        worker("good"),
        handler(|job| async move { Ok(found(job.calls_before(), job.unanswered_before())) }),
    );
    let known = case.completed(id).await;
    assert!(known.attempts > 1);
    let limiters = case.queue.limiters(&["bvn"]).await.unwrap();
    assert_eq!(limiters[0].used_today, 8, "the calls of this day count");
    let due: i64 = redis
        .zscore(case.key("scheduled"), later.to_string())
        .await
        .unwrap();
    assert!(due > now + DAY, "what the caller put off stays");
    eventually("the worker that is gone is forgotten", async || {
        let known: Option<i64> = redis::cmd("ZSCORE")
            .arg(case.key("workers"))
            .arg("gone")
            .query_async(&mut case.raw().await)
            .await
            .unwrap();
        known.is_none_or(|until| until < now + DAY).then_some(())
    })
    .await;
    case.queue.cancel(later).await.unwrap();
    good.stop().await;
    case.done().await;
}
