//! A server whose user of Redis has the rights of its role: they are enough, and nothing else is allowed.

use kyc_tests::World;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Api, BVN, key};

/// Sets up the user that `kyc acl` describes, and returns the address with its name and password.
async fn user(world: &World, words: &[&str]) -> String {
    let printed = world.run([&["acl"], words].concat()).await.good();
    let printed = printed.trim().replace(">PASSWORD", ">secret");
    let parts: Vec<&str> = printed.split_whitespace().collect();
    let mut command = redis::cmd(parts[0]);
    command.arg(&parts[1..]);
    command.exec_async(&mut world.redis().await).await.unwrap();
    let address = world.setting("redis_url").trim_start_matches("redis://");
    format!("redis://{}:secret@{address}", parts[2])
}

/// Everything that an application can do.
async fn application(world: &World, api: &Api) {
    let roles = "submit,read,reveal";
    let app = key(world, &["--tenant", "acme", "--role", roles]).await;
    let job = json!({ "kind": "bvn", "bvn": BVN, "reference": "r", "idempotency_key": "k", "claims": { "last_name": "Nobody" } });
    let id = api.submit(&app, &job).await;
    assert_eq!(api.submit(&app, &job).await, id);
    let known = api.end_of(&app, &id).await;
    assert_eq!(known["state"], "completed", "{known}");
    let at = format!("/v1/verifications/{id}");
    for path in [
        "/v1/verifications?reference=r".to_owned(),
        format!("{at}/images/photo"),
    ] {
        assert_eq!(api.get(&path, &app).await.status, 200, "{path}");
    }
    let sent = api.request(Method::POST, "/v1/batches?name=b", &app);
    let sent = sent
        .header("content-type", "text/csv")
        .header("idempotency-key", "b");
    let sent = Answer::of(sent.body(format!("bvn,reference\n{BVN},a\n123,b\n"))).await;
    assert_eq!(sent.status, 202, "{sent:?}");
    let batch = format!("/v1/batches/{}", sent.json()["id"].as_str().unwrap());
    for path in [
        "/v1/batches".to_owned(),
        batch.clone(),
        format!("{batch}/results.csv"),
    ] {
        assert_eq!(api.get(&path, &app).await.status, 200, "{path}");
    }
    let cancelled = api
        .post(&format!("{batch}/cancel"), &app, &Value::Null)
        .await;
    assert_eq!(cancelled.status, 200, "{cancelled:?}");
    let mut events = api
        .request(Method::GET, "/v1/events?after=0", &app)
        .send()
        .await
        .unwrap();
    assert_eq!(events.status(), 200);
    let mut text = String::new();
    while !text.contains("verification.completed") {
        let chunk = events.chunk().await.unwrap().unwrap();
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    let in_an_hour = jiff::Timestamp::now() + std::time::Duration::from_secs(3600);
    let far = json!({ "kind": "nin", "nin": BVN, "not_before": in_an_hour.to_string() });
    for act in ["retry", "cancel"] {
        let id = api.submit(&app, &far).await;
        let at = format!("/v1/verifications/{id}");
        kyc_tests::eventually("it is scheduled", async || {
            let known = api.get(&at, &app).await.json();
            (known["waiting"]["why"] == "not_before").then_some(())
        })
        .await;
        let done = api.post(&format!("{at}/{act}"), &app, &Value::Null).await;
        assert_eq!(done.status, 200, "{act}: {done:?}");
        api.end_of(&app, &id).await;
        let deleted = Answer::of(api.request(Method::DELETE, &at, &app)).await;
        assert_eq!(deleted.status, 204, "{deleted:?}");
    }
    let deleted = Answer::of(api.request(Method::DELETE, &at, &app)).await;
    assert_eq!(deleted.status, 204, "{deleted:?}");
}

/// Jobs that follow one another's call are cancelled while their kind is paused: the next one leads.
async fn followers(world: &World, api: &Api) {
    let app = key(world, &["--tenant", "acme", "--role", "submit,read"]).await;
    let queue = world.queue().await;
    queue.pause("bvn").await.unwrap();
    let mut ids = Vec::new();
    for nth in 0..3 {
        let job = json!({ "kind": "bvn", "bvn": "22200077000", "reference": format!("f-{nth}") });
        let id = api.submit(&app, &job).await;
        let at = format!("/v1/verifications/{id}");
        kyc_tests::eventually("a worker accepts it", async || {
            let known = api.get(&at, &app).await.json();
            (known["waiting"]["why"] != "inbox").then_some(())
        })
        .await;
        ids.push(id);
    }
    let last = format!("/v1/verifications/{}", ids[2]);
    let why = async || api.get(&last, &app).await.json()["waiting"]["why"].clone();
    assert_eq!(why().await, "coalesced");
    for id in &ids[..2] {
        let path = format!("/v1/verifications/{id}/cancel");
        let cancelled = api.post(&path, &app, &Value::Null).await;
        assert_eq!(cancelled.status, 200, "{cancelled:?}");
    }
    assert_eq!(why().await, "paused");
    queue.resume("bvn").await.unwrap();
    assert_eq!(api.end_of(&app, &ids[2]).await["state"], "completed");
}

/// What no server may do, whatever it serves.
async fn is_refused_the_rest(url: &str, more: &[&[&str]]) {
    let client = redis::Client::open(url).unwrap();
    let mut redis = client.get_multiplexed_async_connection().await.unwrap();
    let always: [&[&str]; 21] = [
        &["KEYS", "*"],
        &["SCAN", "0"],
        &["RANDOMKEY"],
        &["FLUSHALL"],
        &["CONFIG", "GET", "*"],
        &["MONITOR"],
        &["ACL", "LIST"],
        &["CLIENT", "LIST"],
        &["EVAL", "return 1", "0"],
        &["DUMP", "{kyc}:index-key"],
        &["SET", "other", "1"],
        &["GET", "{other}:index-key"],
        &["SET", "{kyc}:index-key", "1"],
        &["SET", "{kyc}:owner", "1"],
        &["SET", "{kyc}:turn:sweep", "1"],
        &["SMEMBERS", "{kyc}:person:0"],
        &[
            "XREADGROUP",
            "GROUP",
            "pods",
            "x",
            "STREAMS",
            "{kyc}:inbox",
            ">",
        ],
        &["XTRIM", "{kyc}:inbox", "MAXLEN", "0"],
        &["SUBSCRIBE", "{kyc}:other"],
        &["PUBLISH", "other", "1"],
        &["RENAME", "{kyc}:inbox", "{kyc}:inbox:x"],
    ];
    for words in always.iter().chain(more) {
        let mut command = redis::cmd(words[0]);
        let answer = command.arg(&words[1..]).exec_async(&mut redis).await;
        let refused = answer.as_ref().err().and_then(redis::RedisError::code);
        assert_eq!(refused, Some("NOPERM"), "{words:?}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_needs_the_rights_of_its_role_and_has_no_others() {
    let world = World::new().await;
    let _worker = world.worker("one", &[("reuse", "bvn=1h")]).await;
    let admin = key(&world, &["--role", "admin"]).await;
    let url = user(&world, &["--role", "server"]).await;
    let api = Api::start(&world, &[("redis_url", &url)]).await;
    application(&world, &api).await;
    followers(&world, &api).await;
    // Without the rights for it, /v1/admin says so.
    for (method, path) in [
        (Method::PUT, "/v1/admin/tenants/acme2"),
        (Method::POST, "/v1/admin/verifications/retry?state=dead"),
    ] {
        let answer = Answer::of(api.request(method, path, &admin)).await;
        answer.is_problem(501, "no-rights");
    }
    let not_operating: [&[&str]; 6] = [
        &["HSET", "{kyc}:api-keys", "x", "{}"],
        &["HDEL", "{kyc}:api-keys", "x"],
        &["SADD", "{kyc}:tenants", "x"],
        &["HSET", "{kyc}:acceptance:inbox", "calls", "1"],
        &["RPUSH", "{kyc}:bulk-ids:x", "1"],
        &["HGETALL", "{kyc}:bulk:x"],
    ];
    is_refused_the_rest(&url, &not_operating).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_operates_needs_a_few_more() {
    let world = World::new().await;
    let _worker = world.worker("one", &[]).await;
    let admin = key(&world, &["--role", "admin"]).await;
    let url = user(&world, &["--role", "server", "--operate"]).await;
    let api = Api::start(&world, &[("redis_url", &url)]).await;
    application(&world, &api).await;
    for path in [
        "limits",
        "queue",
        "workers",
        "verifications",
        "rejected",
        "tenants",
        "keys",
    ] {
        let answer = api.get(&format!("/v1/admin/{path}"), &admin).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
    }
    let json = "application/json";
    for (method, path, body) in [
        (
            Method::PUT,
            "limits/bvn",
            json!({ "rate": "50/s", "daily": 1000 }),
        ),
        (Method::PATCH, "limits/bvn", json!({ "in_flight": 3 })),
        (Method::POST, "limits/bvn/pause", json!({ "for": "1h" })),
        (Method::POST, "limits/bvn/resume", json!({})),
        (Method::PUT, "tenants/acme2", json!({ "accept": "5/s" })),
        (Method::PUT, "tenants/acme2", json!({ "accept": null })),
        (
            Method::POST,
            "keys",
            json!({ "roles": ["read"], "tenant": "acme3" }),
        ),
    ] {
        let request = api.request(method, &format!("/v1/admin/{path}"), &admin);
        let request = request.header("content-type", json).body(body.to_string());
        let answer = Answer::of(request).await;
        assert!(answer.status / 100 == 2, "{path}: {answer:?}");
        if path == "keys" {
            let path = format!("/v1/admin/keys/{}", answer.json()["id"].as_str().unwrap());
            let revoke = Answer::of(api.request(Method::DELETE, &path, &admin)).await;
            assert_eq!(revoke.status, 200, "{revoke:?}");
        }
    }
    let queue = world.queue().await;
    let far = kyc_tests::Job::of_case("cac", "000").with("not_before", "2026-12-20T00:00:00Z");
    world.enqueue(&queue, &far).await;
    for request in [
        "cancel?state=scheduled",
        "discard?state=cancelled",
        "reread?state=dead",
    ] {
        let path = format!("/v1/admin/verifications/{request}");
        let counted = api.post(&path, &admin, &Value::Null).await;
        assert_eq!(counted.status, 200, "{counted:?}");
        let token = counted.json()["token"].as_str().unwrap().to_owned();
        let path = format!("{path}&token={token}");
        let done = api.post(&path, &admin, &Value::Null).await;
        assert_eq!(done.json()["state"], "done", "{done:?}");
    }
    is_refused_the_rest(&url, &[]).await;
}
