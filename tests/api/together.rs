//! Submissions that come at once share calls to Redis, and nothing else.

use std::collections::BTreeSet;

use kyc_tests::World;
use redis::AsyncCommands as _;
use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{Answer, Api, key};

const EACH: usize = 200;

async fn app(world: &World, tenant: &str) -> String {
    let roles = ["--role", "submit,read", "--rate", "1000000"];
    key(world, &[&["--tenant", tenant][..], &roles].concat()).await
}

/// Submits many jobs at once, each twice with its idempotency key. Returns the answers.
fn submit_all(api: &Api, key: &str) -> JoinSet<Answer> {
    let mut answers = JoinSet::new();
    for nth in 0..2 * EACH {
        let nth = nth / 2;
        let job = json!({ "kind": "bvn", "bvn": format!("222{nth:05}000"), "reference": format!("r-{nth}") });
        let request = api
            .request(Method::POST, "/v1/verifications", key)
            .header("idempotency-key", format!("key-{nth}"))
            .header("content-type", "application/json");
        answers.spawn(Answer::of(request.body(job.to_string())));
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_come_at_once_are_one_each() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let (one, two) = (app(&world, "one").await, app(&world, "two").await);
    let (first, second) = (submit_all(&api, &one), submit_all(&api, &two));
    let mut ids = BTreeSet::new();
    for answer in [first.join_all().await, second.join_all().await].concat() {
        assert_eq!(answer.status, 202, "{answer:?}");
        ids.insert(answer.json()["id"].to_string());
    }
    assert_eq!(ids.len(), 2 * EACH);
    let mut redis = world.redis().await;
    for tenant in ["one", "two"] {
        let waiting: usize = redis.xlen(format!("{{kyc}}:inbox:{tenant}")).await.unwrap();
        assert_eq!(waiting, EACH);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_damaged_inbox_of_one_tenant_hurts_no_other() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let (damaged, good) = (app(&world, "damaged").await, app(&world, "good").await);
    let mut redis = world.redis().await;
    let _: usize = redis.del("{kyc}:inbox:damaged").await.unwrap();
    let _: () = redis.set("{kyc}:inbox:damaged", "no stream").await.unwrap();
    let (bad, fine) = (submit_all(&api, &damaged), submit_all(&api, &good));
    for answer in fine.join_all().await {
        assert_eq!(answer.status, 202, "{answer:?}");
    }
    for answer in bad.join_all().await {
        assert!(answer.status >= 500, "{answer:?}");
    }
    let waiting: usize = redis.xlen("{kyc}:inbox:good").await.unwrap();
    assert!((EACH..=2 * EACH).contains(&waiting), "{waiting}");
    // A worker recognises what was submitted twice, because a call failed after it.
    let _worker = world.worker("one", &[]).await;
    let queue = world.queue().await;
    kyc_tests::eventually("all are done", async || {
        (world.published(&queue).await.len() == EACH).then_some(())
    })
    .await;
}
