//! Who goes first: priorities by weight, kinds by turns, nobody never.

use std::sync::{Arc, Mutex};

use redis::AsyncCommands as _;
use serde_json::json;

use crate::support::{Case, eventually, found, handler, request, start, worker_of};

/// Does all jobs one at a time and answers what `label` says of each, in order.
async fn order_of(
    case: &Case,
    jobs: &[kyc_domain::Request],
    kinds: &[&'static str],
    label: impl Fn(&kyc_queue::Leased) -> String + Send + Sync + 'static,
) -> Vec<String> {
    for job in jobs {
        case.enqueue(job).await;
    }
    in_order(case, jobs.len(), kinds, label).await
}

/// Does all jobs that wait.
pub(crate) async fn in_order(
    case: &Case,
    jobs: usize,
    kinds: &[&'static str],
    label: impl Fn(&kyc_queue::Leased) -> String + Send + Sync + 'static,
) -> Vec<String> {
    let order = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&order);
    let handler = handler(move |job| {
        noted.lock().unwrap().push(label(&job));
        async { Ok(found(0, 0)) }
    });
    let worker = start(&case.queue, worker_of("one", 1, kinds), handler);
    let all = jobs as u64;
    eventually("all are done", async || {
        (case.depths().await.completed == all).then_some(())
    })
    .await;
    worker.stop().await;
    case.done().await;
    let order = order.lock().unwrap();
    order.clone()
}

pub(crate) fn share(order: &[String], of: &str) -> usize {
    order.iter().filter(|label| *label == of).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn high_goes_first_mostly_and_low_does_not_starve() {
    let case = Case::start().await;
    let priorities = ["low", "normal", "high"];
    let jobs: Vec<_> = (0..120)
        .map(|nth| {
            request(
                "bvn",
                nth,
                json!({"priority": priorities[nth % 3], "tenant": priorities[nth % 3]}),
            )
        })
        .collect();
    let order = order_of(&case, &jobs, &["bvn"], |job| job.tenant().to_owned()).await;
    // While all three wait, of seven turns four, two and one are theirs.
    let shares = priorities.map(|priority| share(&order[..63], priority));
    let [low, normal, high] = shares;
    assert!((32..=40).contains(&high), "{shares:?}");
    assert!((14..=22).contains(&normal), "{shares:?}");
    assert!((6..=12).contains(&low), "{shares:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_one_tenant_and_priority_keep_their_order() {
    let case = Case::start().await;
    let mut accepted = Vec::new();
    for nth in 0..40 {
        let job = case.enqueue(&request("bvn", nth, json!({}))).await;
        accepted.push(job.id.to_string());
    }
    let order = in_order(&case, 40, &["bvn"], |job| job.id().to_string()).await;
    assert_eq!(order, accepted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_of_one_kind_leaves_the_other_its_turns() {
    let case = Case::start().await;
    let jobs: Vec<_> = (0..90)
        .map(|nth| request(if nth < 80 { "bvn" } else { "nin" }, nth, json!({})))
        .collect();
    let order = order_of(&case, &jobs, &["bvn", "nin"], |job| job.kind().to_owned()).await;
    assert_eq!(share(&order[..24], "nin"), 10, "{order:?}");
}

/// With as many kinds as there are turns of the priorities, turns and kinds must not march in step.
#[tokio::test(flavor = "multi_thread")]
async fn seven_kinds_do_not_starve_the_low_jobs_of_any() {
    const KINDS: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];
    let case = Case::start().await;
    let mut raw = case.raw().await;
    for (nth, kind) in KINDS.iter().enumerate() {
        for job in 0..12 {
            let priority = if job < 8 { "high" } else { "low" };
            let more = json!({"priority": priority, "tenant": priority});
            let accepted = case.enqueue(&request("bvn", nth * 100 + job, more)).await;
            // There are not as many kinds yet: jobs of another get their name.
            let key = case.key(&format!("job:{}", accepted.id));
            let label: String = raw.hget(&key, "header").await.unwrap();
            let label = label.replacen("bvn", kind, 1);
            let _: () = raw.hset(&key, "header", label).await.unwrap();
        }
        for priority in ["high", "low"] {
            let list = |kind: &str| case.key(&format!("ready:{kind}:{priority}"));
            let _: () = raw.rename(list("bvn"), list(kind)).await.unwrap();
        }
    }
    let label = |job: &kyc_queue::Leased| format!("{} {}", job.kind(), job.tenant());
    let order = in_order(&case, 84, &KINDS, label).await;
    for kind in KINDS {
        let low = share(&order[..49], &format!("{kind} low"));
        assert_eq!(low, 1, "of seven turns one is for the low: {order:?}");
    }
}
