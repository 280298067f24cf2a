//! API keys: made, listed, revoked, and counted against their rate.

use std::time::{Duration, Instant};

use kyc_tests::World;
use serde_json::{Value, json};

use crate::support::{Api, key};

const LIST: &str = "/v1/verifications";

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_stops_within_a_second_on_all_servers() {
    let world = World::new().await;
    let (one, two) = (Api::start(&world, &[]).await, Api::start(&world, &[]).await);
    let app = key(
        &world,
        &["--tenant", "acme", "--role", "read", "--note", "the app"],
    )
    .await;
    for api in [&one, &two] {
        assert_eq!(api.get(LIST, &app).await.status, 200);
    }
    let id = &app[4..16];
    let listed = world.run(["keys", "api", "list"]).await.good();
    assert!(
        listed.contains(id) && listed.contains("the app") && listed.contains("valid"),
        "{listed}"
    );
    assert!(!listed.contains(&app[17..]), "{listed}");
    let revoked = world
        .run(["--json", "keys", "api", "revoke", id])
        .await
        .good();
    let revoked: Value = serde_json::from_str(&revoked).unwrap();
    assert_eq!(
        (&revoked["state"], revoked.get("secret_hash")),
        (&json!("revoked"), None)
    );
    let since = Instant::now();
    for api in [&one, &two] {
        let wait = Duration::from_secs(1).saturating_sub(since.elapsed());
        tokio::time::sleep(wait).await;
        let problem = api.get(LIST, &app).await.is_problem(401, "unauthenticated");
        assert!(!problem.to_string().contains(id), "{problem}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_keys_have_one_answer() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let (app, other) = (
        key(&world, &["--tenant", "acme", "--role", "read"]).await,
        key(
            &world,
            &["--tenant", "acme", "--role", "read", "--expires", "1s"],
        )
        .await,
    );
    kyc_tests::eventually("the key expires", async || {
        (api.get(LIST, &other).await.status == 401).then_some(())
    })
    .await;
    // The id of one key with the secret of the other has a wrong checksum, as has a key that was mistyped.
    let mixed = format!("{}{}", &app[..17], &other[17..]);
    let answers = [&mixed, &app[..40], "kyc_", "x", &other].map(ToString::to_string);
    for token in &answers {
        let answer = api.get(LIST, token).await;
        answer.is_problem(401, "unauthenticated");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
    api.get(LIST, "").await.is_problem(401, "unauthenticated");
    // Whatever lies behind it: without a key nobody learns what there is.
    api.get("/v1/verifications/01J9ZQ3V5T8Y6K2M4N7P0R1S2T", "")
        .await
        .is_problem(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_has_a_rate() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let app = key(
        &world,
        &["--tenant", "acme", "--role", "read", "--rate", "5"],
    )
    .await;
    let first = api.get(LIST, &app).await;
    assert_eq!(first.headers["ratelimit-policy"], "\"key\";q=5;w=1");
    assert_eq!(first.headers["ratelimit"], "\"key\";r=4;t=1");
    let mut refused = None;
    for _ in 0..50 {
        let answer = api.get(LIST, &app).await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("more than the rate is refused");
    let problem = refused.is_problem(429, "too-many-requests");
    assert_eq!(
        (
            refused.headers["retry-after"].as_bytes(),
            &problem["retry_after"]
        ),
        (&b"1"[..], &json!(1))
    );
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(api.get(LIST, &app).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_and_tenants_that_do_not_fit_are_refused_in_words() {
    let world = World::new().await;
    for (words, said) in [
        (&["--role", "submit"][..], "--tenant is missing"),
        (
            &["--tenant", "acme", "--role", "operate"],
            "without --tenant",
        ),
        (&["--tenant", "acme", "--role", "write"], "not a role"),
        (&["--tenant", "A b", "--role", "read"], "is not a tenant"),
        (
            &["--tenant", "acme", "--role", "read", "--expires", "soon"],
            "--expires soon",
        ),
    ] {
        let ran = world
            .run(["keys", "api", "create"].iter().chain(words))
            .await;
        assert!(
            ran.code == 1 && ran.err.contains(said) && ran.out.is_empty(),
            "{ran:?}"
        );
    }
    let ran = world.run(["keys", "api", "revoke", "unknown"]).await;
    assert!(
        ran.code == 1 && ran.err.contains("there is no API key unknown"),
        "{ran:?}"
    );
}
