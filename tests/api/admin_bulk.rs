//! `/v1/admin/verifications`: lists over all tenants, and one thing done to many verifications after they were counted.

use kyc_tests::{Job, World};
use serde_json::{Value, json};

use crate::support::{Api, key};

const ALL: &str = "/v1/admin/verifications";

/// A world whose jobs of case 020 die the first time that they are called, and complete the second time.
async fn failing() -> (World, Api, String) {
    let mut world = World::new().await;
    world.set("max_attempts", "1");
    let api = Api::start(&world, &[]).await;
    let operator = key(&world, &["--role", "operate", "--rate", "100000"]).await;
    (world, api, operator)
}

/// Jobs that are dead.
async fn dead(world: &World, count: usize) -> Vec<kyc_domain::VerificationId> {
    let queue = world.queue().await;
    let mut ids = Vec::new();
    for nth in 0..count {
        let job = Job::new("bvn", &format!("222{nth:05}020")).with("tenant", "acme");
        ids.push(world.enqueue(&queue, &job).await);
    }
    for id in &ids {
        let ended = world.end_of(&queue, *id).await;
        assert_eq!(ended.state.as_str(), "dead");
    }
    ids
}

async fn post(api: &Api, key: &str, request: &str) -> Value {
    let answer = api
        .post(&format!("{ALL}/{request}"), key, &Value::Null)
        .await;
    assert_eq!(answer.status, 200, "{request}: {answer:?}");
    answer.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_counted_is_what_is_done_once() {
    let (world, api, operator) = failing().await;
    let other = key(&world, &["--role", "operate"]).await;
    let mut worker = world.worker("one", &[("circuit_failures", "0")]).await;
    let ids = dead(&world, 3).await;
    let listed = api
        .get(&format!("{ALL}?state=dead&tenant=acme"), &operator)
        .await
        .json();
    let shown = listed["verifications"].as_array().unwrap();
    assert_eq!(shown.len(), 3);
    let code = shown[0]["code"].as_str().unwrap();
    let request = format!("retry?state=dead&tenant=acme&code={code}");
    let counted = post(&api, &operator, &request).await;
    assert_eq!(
        (&counted["state"], &counted["jobs"], &counted["left"]),
        (&json!("counted"), &json!(3), &json!(3))
    );
    assert_eq!(
        counted["groups"],
        json!([{ "kind": "bvn", "code": code, "jobs": 3 }])
    );
    assert_eq!(counted["sample"].as_array().unwrap().len(), 3);
    assert_eq!(
        counted["request"],
        json!({ "action": "retry", "state": "dead", "tenant": "acme", "code": code })
    );
    let token = counted["token"].as_str().unwrap();

    // The token is good for this request with this key alone.
    for (key, request) in [
        (
            &operator,
            format!("discard?state=dead&tenant=acme&code={code}&token={token}"),
        ),
        (&operator, format!("retry?state=dead&token={token}")),
        (&other, format!("{request}&token={token}")),
        (&operator, format!("{request}&token={token}x")),
        (&operator, format!("{request}&token=x")),
    ] {
        let answer = api
            .post(&format!("{ALL}/{request}"), key, &Value::Null)
            .await;
        answer.is_problem(409, "token-refused");
    }
    // One is retried by another, and completes; another one dies meanwhile, and was not counted.
    let queue = world.queue().await;
    assert_eq!(queue.retry(&ids[..1]).await.unwrap(), 1);
    let done = world.end_of(&queue, ids[0]).await;
    assert_eq!(done.state.as_str(), "completed");
    let late = Job::new("bvn", "22299999020").with("tenant", "acme");
    let late = world.enqueue(&queue, &late).await;
    world.end_of(&queue, late).await;

    let with_token = format!("{request}&token={token}");
    let done = post(&api, &operator, &with_token).await;
    let outcome = |view: &Value| {
        ["state", "done", "skipped", "failed", "left"].map(|field| view[field].clone())
    };
    let expected = [json!("done"), json!(2), json!(1), json!(0), json!(0)];
    assert_eq!(outcome(&done), expected, "{done}");
    for id in &ids {
        assert_eq!(world.end_of(&queue, *id).await.state.as_str(), "completed");
    }
    assert_eq!(world.end_of(&queue, late).await.state.as_str(), "dead");
    // Asked again, nothing is done again.
    let calls = world.stats().arrivals["bvn"];
    assert_eq!(outcome(&post(&api, &operator, &with_token).await), expected);
    let path = format!("/v1/admin/operations/{}", done["id"].as_str().unwrap());
    let shown = api.get(&path, &other).await.json();
    assert_eq!((outcome(&shown), shown.get("token")), (expected, None));
    assert_eq!(world.stats().arrivals["bvn"], calls);
    worker.signal("TERM").await;
    worker.ended().await;

    let log = api.server.log();
    assert!(
        log.contains("Began a bulk operation") && log.contains("Ended a bulk operation"),
        "{log}"
    );
    assert!(
        log.contains(&operator[4..16]) && !log.contains(token),
        "{log}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_came_back_to_its_place_has_moved() {
    let (world, api, operator) = failing().await;
    let _worker = world.worker("one", &[("circuit_failures", "0")]).await;
    let queue = world.queue().await;
    // Case 021 fails every time.
    let job = Job::of_case("bvn", "021").with("tenant", "acme");
    let id = world.enqueue(&queue, &job).await;
    assert_eq!(world.end_of(&queue, id).await.state.as_str(), "dead");
    let counted = post(&api, &operator, "discard?state=dead").await;
    assert_eq!(counted["jobs"], 1, "{counted}");
    assert_eq!(queue.retry(&[id]).await.unwrap(), 1);
    kyc_tests::eventually("it died again", async || {
        let known = world.look(&queue, id).await;
        (known.calls == 2 && known.state.as_str() == "dead").then_some(())
    })
    .await;
    let token = counted["token"].as_str().unwrap();
    let request = format!("discard?state=dead&token={token}");
    let done = post(&api, &operator, &request).await;
    assert_eq!((&done["done"], &done["skipped"]), (&json!(0), &json!(1)));
    assert_eq!(world.look(&queue, id).await.state.as_str(), "dead");
    // Counted again, it is meant.
    let counted = post(&api, &operator, "discard?state=dead").await;
    let token = counted["token"].as_str().unwrap();
    let done = post(
        &api,
        &operator,
        &format!("discard?state=dead&token={token}"),
    )
    .await;
    assert_eq!((&done["done"], &done["skipped"]), (&json!(1), &json!(0)));
    assert!(queue.look(id).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_counted_and_handled_in_steps_that_another_server_goes_on_with() {
    const MANY: usize = 620;
    let (world, api, operator) = failing().await;
    let second = Api::start(&world, &[]).await;
    let jobs: String = (0..MANY)
        .map(|nth| {
            let kind = ["bvn", "nin"][nth % 2];
            format!("{{\"kind\":\"{kind}\",\"{kind}\":\"222{nth:05}000\"}}\n")
        })
        .collect();
    let file = world.dir().join("jobs.jsonl");
    std::fs::write(&file, jobs).unwrap();
    let words = ["enqueue", "--file", file.to_str().unwrap()];
    world.run(words).await.good();
    let request = "cancel?state=waiting&wait=0s";
    let mut counted = post(&api, &operator, request).await;
    assert_eq!(
        (&counted["state"], &counted["jobs"], counted.get("token")),
        (&json!("counting"), &json!(500), None)
    );
    let id = counted["id"].as_str().unwrap().to_owned();
    let mut steps = 0;
    while counted["state"] == "counting" {
        counted = post(&second, &operator, &format!("{request}&count={id}")).await;
        steps += 1;
        assert!(steps < 10, "{counted}");
    }
    assert_eq!(
        (&counted["state"], &counted["jobs"]),
        (&json!("counted"), &json!(MANY))
    );
    assert_eq!(
        counted["groups"],
        json!([{ "kind": "bvn", "jobs": 310 }, { "kind": "nin", "jobs": 310 }])
    );
    let with_token = format!("{request}&token={}", counted["token"].as_str().unwrap());
    // Another server died at a step: until its half minute is over, nothing is done twice. It had done a part.
    let (queue, mut redis) = (world.queue().await, world.redis().await);
    let step = format!("{{kyc}}:bulk-step:{id}");
    let set = redis::cmd("SET").arg(&step).arg("1").to_owned();
    set.exec_async(&mut redis).await.unwrap();
    let kept_out = post(&api, &operator, &with_token).await;
    assert_eq!(
        (&kept_out["state"], &kept_out["left"]),
        (&json!("counted"), &json!(MANY))
    );
    let del = redis::cmd("DEL").arg(&step).to_owned();
    del.exec_async(&mut redis).await.unwrap();
    let sample = counted["sample"].as_array().unwrap();
    for id in &sample[..10] {
        let id = id.as_str().unwrap().parse().unwrap();
        queue.cancel(id).await.unwrap();
    }
    let first = post(&api, &operator, &with_token).await;
    assert_eq!(
        (&first["state"], &first["done"], &first["skipped"]),
        (&json!("running"), &json!(40), &json!(10))
    );
    let (mut done, mut steps) = (first, 0);
    while done["state"] == "running" {
        let server = [&api, &second][steps % 2];
        done = post(server, &operator, &with_token).await;
        steps += 1;
        assert!(steps <= MANY / 50 + 1, "{done}");
    }
    assert_eq!(
        (&done["state"], &done["done"], &done["skipped"]),
        (&json!("done"), &json!(MANY - 10), &json!(10))
    );
    let depths = queue.depths(&["bvn", "nin"]).await.unwrap();
    assert_eq!(depths.cancelled, MANY as u64);
    let keys: Vec<String> = redis::cmd("KEYS")
        .arg("{kyc}:bulk-*")
        .query_async(&mut redis)
        .await
        .unwrap();
    assert!(keys.is_empty(), "{keys:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_meant_is_refused_and_a_count_expires() {
    let (world, api, operator) = failing().await;
    for request in [
        "retry?state=completed",
        "retry?state=all",
        "discard?state=waiting",
        "cancel?state=waiting&kind=x",
        "cancel?state=waiting&color=red",
        "cancel?state=waiting&code=%20",
        "cancel?state=waiting&wait=2h",
        "cancel",
    ] {
        let path = format!("{ALL}/{request}");
        let answer = api.post(&path, &operator, &Value::Null).await;
        answer.is_problem(400, "invalid-request");
    }
    let unknown = format!("{ALL}/stop?state=dead");
    let answer = api.post(&unknown, &operator, &Value::Null).await;
    answer.is_problem(404, "not-found");
    let counted = post(&api, &operator, "cancel?state=waiting").await;
    let id = counted["id"].as_str().unwrap();
    let key = format!("{{kyc}}:bulk:{id}");
    let mut redis = world.redis().await;
    let left: i64 = redis::cmd("TTL")
        .arg(&key)
        .query_async(&mut redis)
        .await
        .unwrap();
    assert!((1..=900).contains(&left), "{left}");
    redis::cmd("DEL")
        .arg(&key)
        .exec_async(&mut redis)
        .await
        .unwrap();
    let token = counted["token"].as_str().unwrap();
    for request in [
        format!("cancel?state=waiting&token={token}"),
        "cancel?state=waiting&token=".to_owned(),
    ] {
        let path = format!("{ALL}/{request}");
        let answer = api.post(&path, &operator, &Value::Null).await;
        answer.is_problem(409, "token-refused");
    }
    for id in [id, "x"] {
        let path = format!("/v1/admin/operations/{id}");
        let answer = api.get(&path, &operator).await;
        answer.is_problem(404, "not-found");
    }
}
