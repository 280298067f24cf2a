//! Submitting verifications, asking for them, and what one can do with them.

use kyc_tests::World;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Api, BVN, key};

/// A world with a worker and a server that has the public key alone, or all keys.
async fn with_server(reveals: bool) -> (World, kyc_tests::Program, Api) {
    let world = World::new().await;
    let worker = world.worker("one", &[]).await;
    let public = world.run(["keys", "public"]).await.good();
    let settings = [("keys", ""), ("public_key", public.trim())];
    let settings = if reveals { &[][..] } else { &settings[..] };
    let api = Api::start(&world, settings).await;
    (world, worker, api)
}

fn job() -> Value {
    json!({ "kind": "bvn", "bvn": BVN, "reference": "loan-1", "claims": { "last_name": "Nobody" } })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_submitted_and_its_end_waited_for_without_a_key_that_opens() {
    let (world, _worker, api) = with_server(false).await;
    let app = key(
        &world,
        &["--tenant", "acme", "--role", "submit,read,reveal"],
    )
    .await;
    let answer = api.post("/v1/verifications", &app, &job()).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(
        answer.headers["location"],
        format!("/v1/verifications/{id}")
    );
    let known = api.end_of(&app, &id).await;
    assert_eq!(known["state"], "completed", "{known}");
    assert_eq!(known["verdict"], "no_match", "{known}");
    assert_eq!(
        (&known["tenant"], &known["reference"]),
        (&json!("acme"), &json!("loan-1"))
    );
    // This server cannot open what came out.
    assert_eq!((known.get("record"), known.get("checks")), (None, None));
    let image = api
        .get(&format!("/v1/verifications/{id}/images/photo"), &app)
        .await;
    image.is_problem(501, "no-keys");
    assert!(!answer.text.contains(BVN) && !known.to_string().contains(BVN));
    let log = api.server.log();
    assert!(
        log.contains("Answered") && !log.contains(BVN) && !log.contains(&app[4..]),
        "{log}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_waits_shows_what_came_out_to_those_who_may_see_it() {
    let (world, _worker, api) = with_server(true).await;
    let all = key(
        &world,
        &["--tenant", "default", "--role", "submit,read,reveal"],
    )
    .await;
    let some = key(&world, &["--tenant", "default", "--role", "submit,read"]).await;
    let answer = api.post("/v1/verifications?wait=30s", &all, &job()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let known = answer.json();
    assert_eq!(known["record"]["type"], "person", "{known}");
    assert_eq!(known["checks"][0]["result"], "mismatch", "{known}");
    let (id, image) = (known["id"].as_str().unwrap(), &known["images"][0]);
    let path = format!(
        "/v1/verifications/{id}/images/{}",
        image["name"].as_str().unwrap()
    );
    let photo = api.request(Method::GET, &path, &all).send().await.unwrap();
    assert_eq!(
        photo.headers()["content-type"],
        image["media_type"].as_str().unwrap()
    );
    assert_eq!(photo.headers()["cache-control"], "no-store");
    let bytes = photo.bytes().await.unwrap();
    assert_eq!(bytes.len() as u64, image["bytes"].as_u64().unwrap());

    let shown = api
        .get(&format!("/v1/verifications/{id}"), &some)
        .await
        .json();
    assert_eq!(
        (shown.get("record"), shown.get("images")),
        (None, None),
        "{shown}"
    );
    assert_eq!(shown["checks"], known["checks"]);
    api.get(&path, &some).await.is_problem(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_makes_one_job_of_many_requests() {
    let (world, _worker, api) = with_server(false).await;
    let app = key(&world, &["--tenant", "acme", "--role", "submit,read"]).await;
    let other_app = key(&world, &["--tenant", "acme", "--role", "submit,read"]).await;
    let post = async |key: &str, name: &str, job: Value| {
        let request = api.request(Method::POST, "/v1/verifications", key);
        let request = request
            .header("idempotency-key", name)
            .header("content-type", "application/json");
        Answer::of(request.body(job.to_string())).await
    };
    let first = post(&app, "once", job()).await.json();
    assert_eq!(first["existing"], false);
    let mut reordered = json!({ "reference": "loan-1" });
    reordered
        .as_object_mut()
        .unwrap()
        .extend(job().as_object().unwrap().clone());
    for same in [job(), reordered] {
        let again = post(&app, "once", same).await;
        assert_eq!(again.status, 202, "{again:?}");
        assert_eq!(again.json(), json!({ "id": first["id"], "existing": true }));
    }
    let mut changed = job();
    changed["reference"] = "loan-2".into();
    post(&app, "once", changed)
        .await
        .is_problem(409, "idempotency-conflict");
    let id = first["id"].as_str().unwrap();
    let ended = api.end_of(&app, id).await;
    // After its end as well.
    assert_eq!(post(&app, "once", job()).await.json()["id"], first["id"]);
    // Another key of the tenant: a worker finds that it is the same job.
    let aside = post(&other_app, "once", job()).await.json();
    assert_ne!(aside["id"], first["id"]);
    let same = api.end_of(&other_app, aside["id"].as_str().unwrap()).await;
    assert_eq!(
        (&same["id"], &same["verdict"]),
        (&first["id"], &ended["verdict"])
    );
    assert_eq!(world.stats().arrivals["bvn"], 1, "one call was made");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_waits_in_the_inbox_until_there_is_a_worker_and_can_be_cancelled_there() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let app = key(&world, &["--tenant", "acme", "--role", "submit,read"]).await;
    let (stays, goes) = (
        api.submit(&app, &job()).await,
        api.submit(&app, &job()).await,
    );
    let at = |id: &str| format!("/v1/verifications/{id}");
    let known = api.get(&at(&stays), &app).await.json();
    assert_eq!(
        (&known["state"], &known["waiting"]["why"]),
        (&json!("waiting"), &json!("inbox"))
    );
    let cancelled = api
        .post(&format!("{}/cancel", at(&goes)), &app, &Value::Null)
        .await;
    assert_eq!(
        (cancelled.status, &cancelled.json()["state"]),
        (200, &json!("cancelled"))
    );
    let _worker = world.worker("one", &[]).await;
    assert_eq!(api.end_of(&app, &stays).await["state"], "completed");
    assert_eq!(api.end_of(&app, &goes).await["state"], "cancelled");
    assert_eq!(world.stats().arrivals["bvn"], 1);
    let late = api
        .post(&format!("{}/cancel", at(&stays)), &app, &Value::Null)
        .await;
    late.is_problem(409, "wrong-state");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_worker_refuses_is_told_under_its_id() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let app = key(&world, &["--tenant", "acme", "--role", "submit,read"]).await;
    let _worker = world.worker("one", &[("require_consent", "true")]).await;
    let id = api.submit(&app, &job()).await;
    let known = api.end_of(&app, &id).await;
    assert_eq!(known["state"], "refused", "{known}");
    let cancelled = api
        .post(
            &format!("/v1/verifications/{id}/cancel"),
            &app,
            &Value::Null,
        )
        .await;
    cancelled.is_problem(409, "wrong-state");
    assert!(
        known["sentence"]
            .as_str()
            .unwrap()
            .contains("consent is missing"),
        "{known}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_verification_is_deleted_with_its_images() {
    let (world, _worker, api) = with_server(true).await;
    let app = key(
        &world,
        &["--tenant", "acme", "--role", "submit,read,reveal"],
    )
    .await;
    let id = api.submit(&app, &job()).await;
    api.end_of(&app, &id).await;
    let at = format!("/v1/verifications/{id}");
    let images = || std::fs::read_dir(world.blobs().join("acme")).map_or(0, Iterator::count);
    assert_eq!(images(), 1);
    let deleted = Answer::of(api.request(Method::DELETE, &at, &app)).await;
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    api.get(&at, &app).await.is_problem(404, "not-found");
    Answer::of(api.request(Method::DELETE, &at, &app))
        .await
        .is_problem(404, "not-found");
    let left = || std::fs::read_dir(world.blobs().join("acme").join(&id)).is_ok();
    assert!(!left(), "its images are gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_list_hold_each_verification_once() {
    let (world, _worker, api) = with_server(false).await;
    let app = key(&world, &["--tenant", "acme", "--role", "submit,read"]).await;
    let other = key(&world, &["--tenant", "other", "--role", "submit,read"]).await;
    let mut ids = Vec::new();
    for nth in 0..25 {
        let job = json!({ "kind": "bvn", "bvn": format!("222{nth:05}000"), "reference": format!("r-{}", nth % 5) });
        ids.push(api.submit(&app, &job).await);
        if nth % 5 == 0 {
            api.submit(&other, &job).await;
        }
    }
    for id in &ids {
        api.end_of(&app, id).await;
    }
    let pages = async |query: &str| {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = api
                .get(&format!("/v1/verifications?limit=4{query}{cursor}"), &app)
                .await;
            assert_eq!(page.status, 200, "{page:?}");
            let page = page.json();
            let shown = page["verifications"].as_array().unwrap();
            assert!(shown.len() <= 4 && shown.iter().all(|one| one["tenant"] == "acme"));
            found.extend(
                shown
                    .iter()
                    .map(|one| one["id"].as_str().unwrap().to_owned()),
            );
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return found,
            }
        }
    };
    let mut all = pages("").await;
    let completed = pages("&state=completed").await;
    assert_eq!(all, completed);
    all.sort_unstable();
    ids.sort_unstable();
    assert_eq!(all, ids);
    assert_eq!(pages("&state=completed&reference=r-3").await.len(), 5);
    assert_eq!(pages("&state=completed&kind=nin").await.len(), 0);
    assert_eq!(pages("&verdict=found").await.len(), 25);
    assert_eq!(pages("&until=2020-01-01T00:00:00Z").await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_answers_those_who_wait() {
    let world = World::new().await;
    let mut api = Api::start(&world, &[]).await;
    let app = key(&world, &["--tenant", "acme", "--role", "submit,read"]).await;
    let id = api.submit(&app, &job()).await;
    let waiting = api.request(
        Method::GET,
        &format!("/v1/verifications/{id}?wait=60s"),
        &app,
    );
    let waiting = tokio::spawn(Answer::of(waiting));
    kyc_tests::eventually("the request arrives", async || {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        Some(())
    })
    .await;
    api.server.signal("TERM").await;
    let answer = waiting.await.unwrap();
    assert_eq!(
        (answer.status, &answer.json()["state"]),
        (200, &json!("waiting"))
    );
    api.server.ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_found_at_every_moment() {
    let (world, _worker, api) = with_server(false).await;
    let words = [
        "--tenant",
        "acme",
        "--role",
        "submit,read",
        "--rate",
        "1000000",
    ];
    let app = key(&world, &words).await;
    for nth in 0..100 {
        let job = json!({ "kind": "bvn", "bvn": format!("222{nth:05}000") });
        let path = format!("/v1/verifications/{}", api.submit(&app, &job).await);
        loop {
            let answer = api.get(&path, &app).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            if answer.json()["state"] == "completed" {
                break;
            }
        }
    }
}
