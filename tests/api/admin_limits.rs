//! `/v1/admin/limits`: limits and pauses over the API are those of the command line.

use kyc_tests::{Job, World, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Api, key};

async fn send(api: &Api, method: Method, path: &str, key: &str, body: &Value) -> Answer {
    let request = api.request(method, path, key);
    let request = request.header("content-type", "application/json");
    Answer::of(request.body(body.to_string())).await
}

/// What the command line shows of a scope.
async fn shown(world: &World, scope: &str) -> Value {
    let shown = world.run(["--json", "limits"]).await.good();
    let all: Vec<Value> = serde_json::from_str(&shown).unwrap();
    let own = all.into_iter().find(|limiter| limiter["scope"] == scope);
    own.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_set_changed_and_removed_for_the_whole_fleet() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let operator = key(&world, &["--role", "operate"]).await;
    let (bvn, all) = ("/v1/admin/limits/bvn", "/v1/admin/limits");
    let limits = json!({ "rate": "300/m", "burst": 2, "daily": 1000, "in_flight": 20 });
    let set = send(&api, Method::PUT, bvn, &operator, &limits).await;
    assert_eq!(set.status, 200, "{set:?}");
    let shown_here = set.json()["limits"].clone();
    assert_eq!(
        shown_here,
        json!({ "rate": "300/m", "burst": 2, "margin_ms": 25, "daily": 1000, "zone": "Africa/Lagos", "in_flight": 20 })
    );
    let known = shown(&world, "bvn").await;
    assert_eq!(known["limits"]["rate"]["calls"], 300);
    // A change leaves the others as they are, and what is shown can be sent back.
    let change = json!({ "rate": "1/s", "daily": null });
    let changed = send(&api, Method::PATCH, bvn, &operator, &change).await;
    let changed = changed.json()["limits"].clone();
    let expected = json!({ "rate": "1/s", "burst": 1, "margin_ms": 25, "in_flight": 20 });
    assert_eq!(changed, expected);
    let again = send(&api, Method::PUT, bvn, &operator, &changed).await;
    assert_eq!(again.json()["limits"], changed);
    let listed = api.get(all, &operator).await.json();
    let scopes: Vec<_> = listed["limits"].as_array().unwrap().iter().collect();
    assert_eq!(scopes.last().unwrap()["scope"], "account");
    let of_bvn = scopes.iter().find(|one| one["scope"] == "bvn").unwrap();
    assert_eq!(of_bvn["limits"], changed);
    let none = send(&api, Method::PUT, bvn, &operator, &json!({})).await;
    assert_eq!(none.json()["limits"], json!({}));
    let log = api.server.log();
    assert!(
        log.contains("Set limits over the API") && log.contains(&operator[4..16]),
        "{log}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_meant_is_refused_by_name() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let operator = key(&world, &["--role", "operate"]).await;
    let path = "/v1/admin/limits/bvn";
    for (body, pointers) in [
        (json!({ "rates": "5/s" }), &["/rates"][..]),
        (json!({ "rate": "fast", "daily": -1 }), &["/rate", "/daily"]),
        (json!({ "burst": 2 }), &["/burst"]),
        (json!({ "margin_ms": 2 }), &["/margin_ms"]),
        (json!({ "daily": 0 }), &["/daily"]),
        (json!({ "daily": 1, "zone": "Lagos" }), &["/zone"]),
        (json!([]), &[""]),
        (json!(null), &[""]),
    ] {
        for method in [Method::PUT, Method::PATCH] {
            let answer = send(&api, method, path, &operator, &body).await;
            let problem = answer.is_problem(422, "invalid-body");
            let errors = problem["errors"].as_array().unwrap();
            let named: Vec<_> = errors.iter().map(|error| &error["pointer"]).collect();
            assert_eq!(named, pointers, "{body}: {problem}");
        }
    }
    let all = "/v1/admin/limits/all";
    let answer = send(&api, Method::PUT, all, &operator, &json!({})).await;
    answer.is_problem(404, "not-found");
    for note in ["call 22200000000", &"x".repeat(201), "a\nb"] {
        let path = "/v1/admin/limits/bvn/pause";
        let body = json!({ "note": note, "for": "soon", "until": "x" });
        let answer = send(&api, Method::POST, path, &operator, &body).await;
        let problem = answer.is_problem(422, "invalid-body");
        assert_eq!(problem["errors"].as_array().unwrap().len(), 3, "{problem}");
        assert!(!answer.text.contains("22200000000"));
    }
    assert_eq!(shown(&world, "bvn").await["limits"], json!({}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_ends_by_itself_or_when_it_is_resumed() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let operator = key(&world, &["--role", "operate"]).await;
    let queue = world.queue().await;
    let _worker = world.worker("one", &[]).await;
    let pause = "/v1/admin/limits/bvn/pause";
    let resume = "/v1/admin/limits/bvn/resume";
    let body = json!({ "for": "2s", "note": "maintenance" });
    let paused = api.post(pause, &operator, &body).await.json();
    let closed = &paused["closed"];
    assert_eq!(
        (&closed["reason"], &closed["note"], &closed["by"]),
        (
            &json!("paused"),
            &json!("maintenance"),
            &json!(operator[4..16])
        )
    );
    assert!(closed["until"].is_string(), "{paused}");
    let known = shown(&world, "bvn").await;
    assert_eq!(known["closed"]["note"], "maintenance", "{known}");
    let id = world.enqueue(&queue, &Job::of_case("bvn", "000")).await;
    let waiting = world.look(&queue, id).await.waiting.unwrap();
    assert_eq!(waiting.why, "paused");
    assert_eq!(world.stats().arrivals["bvn"], 0);
    // Nobody resumes it.
    world.end_of(&queue, id).await;
    let over = api.get("/v1/admin/limits", &operator).await.json();
    let of_bvn = over["limits"].as_array().unwrap().iter();
    let of_bvn = of_bvn.clone().find(|one| one["scope"] == "bvn").unwrap();
    assert_eq!(of_bvn.get("closed"), None, "{over}");

    let paused = api.post(pause, &operator, &Value::Null).await.json();
    assert_eq!(paused["closed"].get("until"), None, "{paused}");
    let id = world.enqueue(&queue, &Job::of_case("bvn", "000")).await;
    let resumed = api.post(resume, &operator, &Value::Null).await.json();
    assert_eq!(
        (&resumed["was"], resumed.get("closed")),
        (&json!("paused"), None)
    );
    world.end_of(&queue, id).await;
    let again = api.post(resume, &operator, &Value::Null).await.json();
    assert_eq!(again.get("was"), None, "{again}");
    // The command line pauses for a time as well.
    let words = ["limits", "pause", "bvn", "--for", "1h", "--note", "by hand"];
    world.run(words).await.good();
    let listed = api.get("/v1/admin/limits", &operator).await.json();
    let of_bvn = listed["limits"].as_array().unwrap().iter();
    let of_bvn = of_bvn.clone().find(|one| one["scope"] == "bvn").unwrap();
    assert_eq!(of_bvn["closed"]["note"], "by hand");
    assert!(of_bvn["closed"]["until"].is_string(), "{of_bvn}");
    let log = api.server.log();
    for said in ["Paused over the API", "Resumed over the API", "maintenance"] {
        assert!(log.contains(said), "{said}: {log}");
    }
    eventually("nothing waits", async || {
        let depths = queue.depths(&["bvn"]).await.unwrap();
        (depths.running == 0).then_some(())
    })
    .await;
}
