//! Requests that are refused, and what the refusal says.

use kyc_tests::World;
use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, Api, BVN, key};

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_of_a_job_is_named_with_its_pointer() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let app = key(&world, &["--tenant", "acme", "--role", "submit"]).await;
    for (job, pointers) in [
        (json!({ "kind": "bvn", "bvn": "123" }), &["/bvn"][..]),
        (
            json!({ "kind": "bvn", "bvn": BVN, "idempotencyKey": "1" }),
            &["/idempotencyKey"],
        ),
        (
            json!({ "kind": "bvn", "bvn": BVN, "claims": { "lastname": "x" } }),
            &["/claims/lastname"],
        ),
        (json!({ "kind": "passport!", "bvn": BVN }), &["/kind"]),
        (
            json!({ "kind": "bvn", "bvn": BVN, "reference": format!("r-{BVN}") }),
            &["/reference"],
        ),
        (
            json!({ "kind": "bvn", "bvn": BVN, "tenant": "other" }),
            &["/tenant"],
        ),
        (
            json!({ "kind": "bvn", "bvn": 1, "priority": "now", "max_attempts": 0 }),
            &["/bvn", "/priority", "/max_attempts"],
        ),
        (json!([]), &[""]),
    ] {
        let answer = api.post("/v1/verifications", &app, &job).await;
        let problem = answer.is_problem(422, "invalid-job");
        let errors = problem["errors"].as_array().unwrap();
        for pointer in pointers {
            assert!(
                errors.iter().any(|error| error["pointer"] == *pointer),
                "{job} {problem}"
            );
        }
        assert!(!answer.text.contains(BVN), "{problem}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_request_that_cannot_be_read_has_its_problem() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let app = key(&world, &["--tenant", "acme", "--role", "submit,read"]).await;
    let post = async |headers: &[(&str, &str)], body: Vec<u8>| {
        let mut request = api
            .request(Method::POST, "/v1/verifications", &app)
            .body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request).await
    };
    let json = ("content-type", "application/json");
    let body = || {
        json!({ "kind": "bvn", "bvn": BVN })
            .to_string()
            .into_bytes()
    };
    post(&[], body())
        .await
        .is_problem(415, "unsupported-media-type");
    post(&[("content-type", "text/plain")], body())
        .await
        .is_problem(415, "unsupported-media-type");
    post(&[json, ("content-encoding", "gzip")], body())
        .await
        .is_problem(415, "unsupported-media-type");
    post(&[json], vec![b' '; (64 << 10) + 1])
        .await
        .is_problem(413, "too-large");
    post(&[json], b"{".to_vec())
        .await
        .is_problem(422, "invalid-job");
    post(&[json, ("idempotency-key", "")], body())
        .await
        .is_problem(400, "invalid-request");
    post(&[json, ("idempotency-key", &"x".repeat(257))], body())
        .await
        .is_problem(400, "invalid-request");
    for query in [
        "state=done",
        "kind=x",
        "limit=0",
        "limit=201",
        "limit=x",
        "since=now",
        "cursor=x",
        "cursor=dead.x",
        "color=red",
    ] {
        let answer = api.get(&format!("/v1/verifications?{query}"), &app).await;
        let problem = answer.is_problem(400, "invalid-request");
        let name = query.split('=').next().unwrap();
        assert!(
            problem["detail"].as_str().unwrap().contains(name),
            "{query}: {problem}"
        );
    }
    let unknown = "/v1/verifications/01J9ZQ3V5T8Y6K2M4N7P0R1S2T";
    for wait in ["x", "61s", "-1s"] {
        api.get(&format!("{unknown}?wait={wait}"), &app)
            .await
            .is_problem(400, "invalid-request");
    }
    for path in [
        "/v1/verification",
        "/v2/verifications",
        "/v1/verifications/%00",
        "/v1/verifications/%ff",
        "/v1/verifications/..%2f",
        "/",
    ] {
        api.get(path, &app).await.is_problem(404, "not-found");
    }
    let put = Answer::of(api.request(Method::PUT, "/v1/verifications", &app)).await;
    put.is_problem(405, "method-not-allowed");
    assert!(
        put.headers["allow"].to_str().unwrap().contains("POST"),
        "{put:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_id_is_taken_unless_it_could_be_a_number() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let ask = async |id: &str| {
        let request = api
            .request(Method::GET, "/v1/verifications", "")
            .header("x-request-id", id);
        let answer = Answer::of(request).await;
        let given = answer.headers["x-request-id"].to_str().unwrap().to_owned();
        assert_eq!(answer.json()["request_id"], given);
        given
    };
    for good in ["abc-1", "9f1c2b0e-0b7e-4c5e-9d1a-aaaa01234567"] {
        assert_eq!(ask(good).await, good);
    }
    for bad in [BVN, "a b", "", &"x".repeat(65), "<script>"] {
        assert_ne!(ask(bad).await, bad);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_a_job_is_refused_whole_and_the_server_goes_on() {
    let mut world = World::durable(kyc_sandbox::Config::default()).await;
    let api = Api::start(&world, &[]).await;
    let app = key(&world, &["--tenant", "acme", "--role", "submit,read"]).await;
    let job = json!({ "kind": "bvn", "bvn": BVN, "idempotency_key": "one" });
    let kept = api.submit(&app, &job).await;
    world.redis_server().kill().unwrap();
    let refused = api.post("/v1/verifications", &app, &job).await;
    let problem = refused.is_problem(503, "unavailable");
    assert!(refused.headers.contains_key("retry-after") && problem["retry_after"].is_u64());
    api.get("/readyz", "").await.is_problem(503, "unavailable");
    assert_eq!(api.get("/healthz", "").await.status, 200);
    world.redis_server().restart().unwrap();
    let again = kyc_tests::eventually("the server reaches Redis again", async || {
        let answer = api.post("/v1/verifications", &app, &job).await;
        (answer.status == 202).then_some(answer)
    })
    .await;
    assert_eq!(again.json(), json!({ "id": kept, "existing": true }));
}
