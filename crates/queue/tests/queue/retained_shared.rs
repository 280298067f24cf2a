//! Answers that are kept, where several jobs ask the same.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use kyc_domain::{Class, Policy, VerificationId};
use kyc_queue::Reuse;
use kyc_sandbox::redis::Options;
use redis::AsyncCommands as _;
use serde_json::json;

use crate::{
    retained_again::{Provider, dead, start},
    reuse::{case_with, same},
    support::{Case, eventually, handler, policy, start_with, worker},
};

async fn count(case: &Case, name: &str) -> u64 {
    let minutes = case.queue.minutes(3).await.unwrap();
    let counts = minutes.iter().filter_map(|minute| minute.counts.get(name));
    counts.sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_read_again_is_as_old_as_it_is() {
    const WINDOW: Duration = Duration::from_secs(4);
    let case = case_with(Reuse::default().with("bvn", None, WINDOW)).await;
    let provider = Arc::new(Provider::new(Class::Unreadable, None));
    let running = start(&case, &provider);
    let id = case.enqueue(&same(json!({}))).await.id;
    dead(&case, &[id]).await;
    let called = std::time::Instant::now();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    // Its outcome says when the answer came.
    let answered = Timestamp::now() - called.elapsed();
    let (answers, vault) = (Arc::clone(&provider), case.queue.vault().clone());
    running.stop().await;
    let handle = handler(move |job| {
        let (provider, vault) = (Arc::clone(&answers), vault.clone());
        async move {
            let mut outcome = provider.answer(job, &vault).await?;
            outcome.call_details.requested_at = answered;
            Ok(outcome)
        }
    });
    let decide = policy(Policy::default(), Duration::from_millis(10));
    let grace = Duration::from_secs(5);
    let running = start_with(&case.queue, worker("two"), handle, decide, grace);
    assert_eq!(case.queue.reread(&[id]).await.unwrap(), 1);
    case.completed(id).await;
    let soon = case.enqueue(&same(json!({}))).await.id;
    assert_eq!(case.completed(soon).await.calls, 0, "it is young enough");
    assert_eq!(provider.called(), 1);
    let left: u64 = {
        let mut raw = case.raw().await;
        let keys: Vec<String> = raw.keys(case.key("answer:*")).await.unwrap();
        redis::cmd("PTTL")
            .arg(&keys[0])
            .query_async(&mut raw)
            .await
            .unwrap()
    };
    assert!(left <= 2600, "{left}");
    tokio::time::sleep(Duration::from_millis(left + 50)).await;
    let late = case.enqueue(&same(json!({}))).await.id;
    dead(&case, &[late]).await;
    assert_eq!(provider.called(), 2, "its time was over");

    // Nor does an old answer take the place of a newer one.
    let text: Option<String> = {
        let mut raw = case.raw().await;
        case.queue.reread(&[late]).await.unwrap();
        case.completed(late).await;
        let keys: Vec<String> = raw.keys(case.key("answer:*")).await.unwrap();
        match keys.first() {
            Some(key) => raw.get(key).await.unwrap(),
            None => None,
        }
    };
    assert_eq!(text, None, "by its outcome that one is old from the start");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_urgent_job_does_not_call_for_what_is_there_already() {
    const HOUR: Duration = Duration::from_secs(3600);
    let case = case_with(Reuse::default().with("bvn", None, HOUR)).await;
    let provider = Arc::new(Provider::new(Class::Store, Some(Class::Store)));
    let running = start(&case, &provider);
    let low = case.enqueue(&same(json!({"priority": "low"}))).await.id;
    eventually("its answer is to be stored", async || {
        (provider.reread() > 1).then_some(())
    })
    .await;
    let high = case.enqueue(&same(json!({"priority": "high"}))).await.id;
    let waiting = case.look(high).await.waiting.unwrap();
    assert_eq!(
        (waiting.why.as_str(), waiting.leader),
        ("coalesced", Some(low))
    );
    provider.reads_again_as(None);
    for (id, calls) in [(low, 1), (high, 0)] {
        assert_eq!(case.completed(id).await.calls, calls);
    }
    assert_eq!(provider.called(), 1);
    assert_eq!(
        (
            count(&case, "calls bvn").await,
            count(&case, "saved bvn").await
        ),
        (1, 1)
    );
    running.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_leader_takes_along_twice_all_end() {
    const HOUR: Duration = Duration::from_secs(3600);
    let case = Case::with(
        |config| config.reuse = Reuse::default().with("bvn", None, HOUR),
        Options::default(),
    )
    .await;
    let provider = Arc::new(Provider::new(Class::Unreadable, None));
    let jobs: Vec<_> = (0..450).map(|_| same(json!({}))).collect();
    let accepted = case.queue.enqueue_all(&jobs).await;
    let ids: Vec<_> = accepted.into_iter().map(|job| job.unwrap().id).collect();
    // Those that the first death left behind are put back as they stood, as if no worker had come for them since.
    let running = start(&case, &provider);
    case.dead(ids[0]).await;
    running.stop().await;
    let mut raw = case.raw().await;
    let left = case.key(&format!("followers-of:{}", ids[0]));
    let still: usize = raw.zcard(&left).await.unwrap();
    let ended: Vec<String> = raw.zrange(case.key("dead"), 0, -1).await.unwrap();
    assert!(ended.len() > 1 && ended.len() + still == 450, "{still}");
    let ended: Vec<VerificationId> = ended.iter().map(|id| id.parse().unwrap()).collect();
    // A second life for all that have ended; the leader leads again, for it stands first.
    let mut again = vec![ids[0]];
    again.extend(ended.iter().filter(|id| **id != ids[0]));
    assert_eq!(case.queue.retry(&again).await.unwrap(), again.len());
    let running = start(&case, &provider);
    eventually("all have ended", async || {
        (case.depths().await.dead == 450).then_some(())
    })
    .await;
    running.stop().await;
    assert_eq!(case.published().await.len(), 450 + again.len());
}
