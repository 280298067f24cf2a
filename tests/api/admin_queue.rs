//! The rest of `/v1/admin`: the numbers of the queue, workers, tenants, rejected entries, and API keys.

use kyc_tests::{Job, World, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Api, BVN, key};

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_and_its_workers_are_shown() {
    let mut world = World::new().await;
    world.set("max_attempts", "1");
    let api = Api::start(&world, &[]).await;
    let operator = key(&world, &["--role", "operate"]).await;
    let queue = world.queue().await;
    let _worker = world
        .worker("one", &[("circuit_failures", "0"), ("concurrency", "7")])
        .await;
    let dead = world.enqueue(&queue, &Job::of_case("bvn", "020")).await;
    world.end_of(&queue, dead).await;
    let fine = world.enqueue(&queue, &Job::of_case("nin", "000")).await;
    world.end_of(&queue, fine).await;
    queue.pause("cac").await.unwrap();
    world.enqueue(&queue, &Job::of_case("cac", "000")).await;
    let later = Job::of_case("cac", "000").with("not_before", "2026-12-20T00:00:00Z");
    world.enqueue(&queue, &later).await;
    let shown = api.get("/v1/admin/queue?minutes=5", &operator).await.json();
    let of = |kind: &str| {
        let kinds = shown["kinds"].as_array().unwrap();
        let own = kinds.iter().find(|one| one["kind"] == kind);
        own.unwrap().clone()
    };
    let cac = of("cac");
    assert_eq!(
        (&cac["waiting"], &cac["closed"]["reason"]),
        (&json!(1), &json!("paused"))
    );
    assert!(cac["oldest_ms"].is_u64(), "{cac}");
    assert_eq!(of("bvn")["waiting"], 0);
    assert_eq!(shown["scheduled"]["jobs"], 1);
    assert_eq!(
        (&shown["dead"]["jobs"], &shown["dead"]["by_code"][0]["kind"]),
        (&json!(1), &json!("bvn"))
    );
    assert_eq!(
        (&shown["completed"], &shown["workers"]),
        (&json!(1), &json!(1))
    );
    let happened = shown["happened"]["kinds"].as_array().unwrap();
    let nin = happened.iter().find(|one| one["kind"] == "nin").unwrap();
    assert_eq!((&nin["accepted"], &nin["calls"]), (&json!(1), &json!(1)));
    for wrong in ["minutes=0", "minutes=2881", "hours=1"] {
        let path = format!("/v1/admin/queue?{wrong}");
        let answer = api.get(&path, &operator).await;
        answer.is_problem(400, "invalid-request");
    }
    let told = eventually("the worker told about itself", async || {
        let shown = api.get("/v1/admin/workers", &operator).await.json();
        let one = shown["workers"][0].clone();
        one["version"].is_string().then_some(one)
    })
    .await;
    assert_eq!(
        (
            &told["name"],
            &told["lost"],
            &told["leases"],
            &told["concurrency"]
        ),
        (&json!("one"), &json!(false), &json!(0), &json!(7))
    );
    assert!(
        told["alive_until"].is_string() && told["started_at"].is_string(),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_and_what_their_inboxes_refused_are_shown() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let operator = key(&world, &["--role", "operate"]).await;
    let admin = key(&world, &["--role", "admin"]).await;
    let put = async |key: &str, body: &Value| {
        let request = api.request(Method::PUT, "/v1/admin/tenants/acme", key);
        let request = request.header("content-type", "application/json");
        Answer::of(request.body(body.to_string())).await
    };
    let rate = json!({ "accept": "50/s" });
    put(&operator, &rate).await.is_problem(403, "forbidden");
    let set = put(&admin, &rate).await.json();
    assert_eq!(
        (&set["tenant"], &set["accept"], &set["waiting"]),
        (&json!("acme"), &json!("50/s"), &json!(0))
    );
    assert_eq!(put(&admin, &json!({})).await.json()["accept"], "50/s");
    put(&admin, &json!({ "accept": "fast", "rate": 1 }))
        .await
        .is_problem(422, "invalid-body");
    let listed = api.get("/v1/admin/tenants", &operator).await.json();
    let names: Vec<_> = listed["tenants"].as_array().unwrap().iter().collect();
    assert_eq!(
        (&names[0]["tenant"], &names[1]["tenant"]),
        (&json!("default"), &json!("acme"))
    );
    let none = put(&admin, &json!({ "accept": null })).await.json();
    assert_eq!(none.get("accept"), None, "{none}");
    let bad = api.request(Method::PUT, "/v1/admin/tenants/A%20b", &admin);
    Answer::of(bad).await.is_problem(400, "invalid-request");

    let job = json!({ "kind": "bvn", "bvn": BVN, "first_name": "Ada", "bvn22212345061": 1 });
    let mut add = redis::cmd("XADD");
    add.arg("{kyc}:inbox:acme")
        .arg("*")
        .arg("job")
        .arg(job.to_string());
    add.exec_async(&mut world.redis().await).await.unwrap();
    let _worker = world.worker("one", &[]).await;
    let rejected = eventually("it is rejected", async || {
        let shown = api.get("/v1/admin/rejected?limit=5", &operator).await;
        (shown.json()["rejected"][0].is_object()).then_some(shown)
    })
    .await;
    let entry = rejected.json()["rejected"][0].clone();
    assert_eq!(
        (&entry["stream"], &entry["is_retained"]),
        (&json!("inbox:acme"), &json!(true))
    );
    assert!(!rejected.text.contains(BVN), "{rejected:?}");
    let answer = api.get("/v1/admin/rejected?limit=0", &operator);
    answer.await.is_problem(400, "invalid-request");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_makes_lists_and_revokes_keys() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let admin = key(&world, &["--role", "admin"]).await;
    let keys = "/v1/admin/keys";
    let new = json!({ "tenant": "acme", "roles": ["submit", "read"], "expires": "90d", "rate": 50, "note": "loan app" });
    let made = api.post(keys, &admin, &new).await;
    assert_eq!(made.status, 201, "{made:?}");
    let made = made.json();
    let (text, id) = (made["key"].as_str().unwrap(), made["id"].as_str().unwrap());
    assert_eq!(&text[4..16], id);
    assert_eq!(
        (&made["state"], made.get("secret_hash")),
        (&json!("valid"), None)
    );
    let listed = api.get("/v1/verifications", text).await;
    assert_eq!(listed.status, 200, "{listed:?}");
    let listed = api.get(keys, &admin).await;
    assert!(!listed.text.contains(&text[17..]) && !listed.text.contains("hash"));
    let listed = listed.json();
    let own = listed["keys"].as_array().unwrap().iter();
    let own = own.clone().find(|one| one["id"] == id).unwrap();
    assert_eq!(
        (&own["tenant"], &own["note"]),
        (&json!("acme"), &json!("loan app"))
    );
    // The command line knows it as well.
    let shown = world.run(["keys", "api", "list"]).await.good();
    assert!(shown.contains(id) && shown.contains("loan app"), "{shown}");
    for (body, pointers) in [
        (json!({}), &["/roles"][..]),
        (json!({ "roles": [] }), &["/roles"]),
        (json!({ "roles": ["write"] }), &["/roles"]),
        (json!({ "roles": ["read"] }), &["/tenant"]),
        (
            json!({ "roles": ["operate"], "tenant": "acme" }),
            &["/roles"],
        ),
        (json!({ "roles": ["read"], "tenant": "A b" }), &["/tenant"]),
        (
            json!({ "roles": ["admin"], "rate": 0, "expires": "x", "admin": 1 }),
            &["/expires", "/rate", "/admin"],
        ),
    ] {
        let problem = api
            .post(keys, &admin, &body)
            .await
            .is_problem(422, "invalid-body");
        let errors = problem["errors"].as_array().unwrap();
        let named: Vec<_> = errors.iter().map(|error| &error["pointer"]).collect();
        assert_eq!(named, pointers, "{body}: {problem}");
    }
    let revoke = api.request(Method::DELETE, &format!("{keys}/{id}"), &admin);
    assert_eq!(Answer::of(revoke).await.json()["state"], "revoked");
    eventually("no server takes it", async || {
        (api.get("/v1/verifications", text).await.status == 401).then_some(())
    })
    .await;
    let unknown = api.request(Method::DELETE, &format!("{keys}/unknown"), &admin);
    Answer::of(unknown).await.is_problem(404, "not-found");
    let log = api.server.log();
    assert!(
        log.contains("Made an API key") && log.contains("Revoked an API key") && log.contains(id),
        "{log}"
    );
    assert!(!log.contains(&text[17..]), "{log}");
}
