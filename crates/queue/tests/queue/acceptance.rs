//! The rate at which jobs of a tenant are accepted: kept by all workers together, and nobody else's matter.

use std::time::Instant;

use kyc_kinds::{Rules, parse};
use kyc_queue::{Inbox, Queue, TenantInbox};
use redis::AsyncCommands as _;
use serde_json::json;
use tokio::task::JoinHandle;

use crate::support::{Case, eventually, number};

/// How many of the 30 jobs of a tenant left its inbox.
async fn accepted(case: &Case, tenant: &str) -> u64 {
    let inbox = inbox(&case.queue, tenant).await;
    30 - inbox.waiting
}

async fn inbox(queue: &Queue, tenant: &str) -> TenantInbox {
    let inboxes = queue.inboxes().await.unwrap();
    inboxes
        .into_iter()
        .find(|inbox| inbox.tenant == tenant)
        .unwrap()
}

/// Adds 30 jobs to the inbox of each tenant.
async fn post(case: &Case, tenants: &[&str]) {
    let mut redis = case.raw().await;
    for (nth, tenant) in tenants.iter().enumerate() {
        for each in 0..30 {
            let job = json!({"kind": "bvn", "bvn": number(nth * 100 + each)});
            let inbox = case.key(&kyc_domain::streams::inbox(tenant));
            let mut add = redis::cmd("XADD");
            add.arg(inbox).arg("*").arg("job").arg(job.to_string());
            add.exec_async(&mut redis).await.unwrap();
        }
    }
}

/// Readers of a worker for each of the tenants.
async fn read(case: &Case, worker: &'static str, tenants: &[&'static str]) -> Vec<JoinHandle<()>> {
    let queue = case.another_queue().await;
    let read = |tenant: &&'static str| {
        let inbox = Inbox::new(queue.clone(), worker, |job: &[u8]| {
            parse(job, Rules::default())
        });
        let inbox = inbox.of_tenant(tenant);
        tokio::spawn(async move { inbox.run().await })
    };
    tenants.iter().map(read).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_exceeds_the_rate_of_a_tenant_waits_and_delays_nobody_else() {
    let case = Case::start().await;
    for tenant in ["default", "acme", "other"] {
        if tenant != "default" {
            case.queue.add_tenant(tenant).await.unwrap();
        }
    }
    let hourly = "1/h".parse().unwrap();
    for tenant in ["default", "acme"] {
        case.queue
            .set_acceptance(tenant, Some(hourly))
            .await
            .unwrap();
    }
    let tenants = ["default", "acme", "other"];
    post(&case, &tenants).await;
    let mut reading = read(&case, "one", &tenants).await;
    reading.extend(read(&case, "two", &tenants).await);
    eventually("nobody else waits", async || {
        let all = [
            accepted(&case, "other").await,
            accepted(&case, "acme").await,
        ];
        (all == [30, 1] && accepted(&case, "default").await == 1).then_some(())
    })
    .await;
    let waits = inbox(&case.queue, "acme").await;
    assert!(waits.limited_until.is_some(), "{waits:?}");
    assert_eq!(waits.accept.unwrap().to_string(), "1/h");
    assert!(inbox(&case.queue, "other").await.accept.is_none());
    // Redis' clock may have been ahead when the rate was used.
    let mut raw = case.raw().await;
    let key = case.key("acceptance:inbox:acme");
    let ahead: i64 = raw.hget(&key, "next").await.unwrap();
    let _: () = raw
        .hset(&key, "next", ahead + 86_400_000_000)
        .await
        .unwrap();
    eventually("the rate begins anew", async || {
        (accepted(&case, "acme").await == 2).then_some(())
    })
    .await;
    // Whatever waits is there once it may come.
    case.queue.set_acceptance("acme", None).await.unwrap();
    let fast = "1000/s".parse().unwrap();
    case.queue
        .set_acceptance("default", Some(fast))
        .await
        .unwrap();
    let _: () = raw
        .hdel(case.key("acceptance:inbox"), "next")
        .await
        .unwrap();
    eventually("all are accepted", async || {
        (case.depths().await.ready["bvn"] == 90).then_some(())
    })
    .await;
    assert!(case.queue.rejected(5).await.unwrap().is_empty());
    reading.iter().for_each(JoinHandle::abort);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_are_accepted_than_the_rate_has_let_through() {
    let case = Case::start().await;
    case.queue.add_tenant("acme").await.unwrap();
    let rate = "20/s".parse().unwrap();
    case.queue.set_acceptance("acme", Some(rate)).await.unwrap();
    post(&case, &["acme"]).await;
    let began = Instant::now();
    let mut reading = read(&case, "one", &["acme"]).await;
    reading.extend(read(&case, "two", &["acme"]).await);
    reading.extend(read(&case, "three", &["acme"]).await);
    eventually("all are accepted", async || {
        let accepted = accepted(&case, "acme").await;
        // Two at once after a quiet time.
        let most = began.elapsed().as_secs_f64() * 20.0 + 2.0;
        assert!(accepted as f64 <= most, "{accepted} of {most:.1}");
        (case.depths().await.ready["bvn"] == 30).then_some(())
    })
    .await;
    println!("30 jobs at 20/s by three workers: {:?}", began.elapsed());
    reading.iter().for_each(JoinHandle::abort);
}
