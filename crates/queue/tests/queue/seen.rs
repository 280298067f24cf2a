//! Jobs that have moved since they were seen, and pauses that end by themselves.

use std::sync::Arc;

use kyc_queue::{Cancelled, Pause, Place, Seen};
use serde_json::json;
use tokio::sync::Notify;

use crate::support::{Case, KINDS, found, handler, request, start, worker};

/// What was seen somewhere is not done to what is elsewhere by now.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_moved_since_it_was_seen_is_left_alone() {
    let case = Case::start().await;
    let later = jiff::Timestamp::now() + std::time::Duration::from_secs(3600);
    let terms = json!({"not_before": later.to_string()});
    let scheduled = case.enqueue(&request("nin", 1, terms)).await.id;
    let runs = case.enqueue(&request("bvn", 2, json!({}))).await.id;
    let at = case.queue.now().await.unwrap();
    let seen = |place| Some(Seen { place, at });
    let began = Arc::new(Notify::new());
    let handler = {
        let began = Arc::clone(&began);
        handler(move |_| {
            began.notify_one();
            std::future::pending()
        })
    };
    let worker = start(&case.queue, worker("one"), handler);
    began.notified().await;
    let cancel = async |place, id| case.queue.cancel_if(seen(place), id).await.unwrap();
    for place in [Place::Waiting, Place::Scheduled, Place::NeedsDecision] {
        assert_eq!(cancel(place, runs).await, Cancelled::Moved, "{place}");
    }
    for place in [Place::Waiting, Place::Running, Place::NeedsDecision] {
        assert_eq!(cancel(place, scheduled).await, Cancelled::Moved, "{place}");
    }
    assert_eq!(cancel(Place::Running, runs).await, Cancelled::Done);
    assert_eq!(cancel(Place::Scheduled, scheduled).await, Cancelled::Done);
    // They were cancelled after they were seen, so nobody has seen them among the cancelled ones.
    let both = [runs, scheduled];
    let discard = async |place| case.queue.discard_if(seen(place), &both).await.unwrap();
    assert_eq!(discard(Place::Cancelled).await, 0);
    assert_eq!(discard(Place::Dead).await, 0);
    let at = case.queue.now().await.unwrap();
    let seen = Seen {
        place: Place::Cancelled,
        at,
    };
    let discarded = case.queue.discard_if(Some(seen), &both).await.unwrap();
    assert_eq!(discarded, 2);
    worker.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_for_a_time_ends_by_itself_and_says_why_until_then() {
    let case = Case::start().await;
    let pause = |lasts, note: &str| Pause {
        lasts: Some(std::time::Duration::from_millis(lasts)),
        by: "someone".to_owned(),
        note: note.to_owned(),
    };
    case.queue
        .pause_as("nin", &pause(1500, "why"))
        .await
        .unwrap();
    let worker = start(
        &case.queue,
        worker("one"),
        handler(|_| async { Ok(found(0, 0)) }),
    );
    let paused = case.enqueue(&request("nin", 1, json!({}))).await.id;
    let waiting = case.look(paused).await.waiting.unwrap();
    assert_eq!(waiting.why, "paused");
    assert!(waiting.until.is_some() && waiting.expected_at.is_some());
    let limiters = case.queue.limiters(&KINDS).await.unwrap();
    let nin = limiters.iter().find(|limiter| limiter.scope == "nin");
    let closed = nin.unwrap().closed.clone().unwrap();
    assert_eq!(
        (closed.by.as_str(), closed.note.as_str()),
        ("someone", "why")
    );
    // Nobody resumes it.
    case.completed(paused).await;
    assert_eq!(case.queue.resume("nin").await.unwrap(), None);
    // A later pause replaces an earlier one, also if it is shorter.
    case.queue.pause("nin").await.unwrap();
    case.queue.pause_as("nin", &pause(200, "")).await.unwrap();
    let next = case.enqueue(&request("nin", 2, json!({}))).await.id;
    case.completed(next).await;
    let number = pause(200, "of 22200000000");
    assert!(case.queue.pause_as("nin", &number).await.is_err());
    worker.stop().await;
    case.done().await;
}
