//! What a caller may not see: every route with a key of another tenant, of a lesser role, revoked, and none.

use std::time::Instant;

use kyc_tests::World;
use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, Api, BVN, key};

const UNKNOWN: &str = "01J9ZQ3V5T8Y6K2M4N7P0R1S2T";

/// Every route of a verification: method, path behind the id, the roles that may use it.
const ROUTES: [(&str, &str, &str); 6] = [
    ("GET", "", "read"),
    ("GET", "?wait=1s", "reveal"),
    ("GET", "/images/photo", "reveal"),
    ("POST", "/cancel", "submit"),
    ("POST", "/retry", "submit"),
    ("DELETE", "", "submit"),
];

async fn ask(api: &Api, method: &str, path: &str, key: &str) -> Answer {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    Answer::of(api.request(method, path, key)).await
}

/// Removes what differs between any two answers.
fn plain(answer: &Answer) -> String {
    let mut problem = answer.json();
    problem.as_object_mut().unwrap().remove("request_id");
    format!("{} {problem}", answer.status)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_yours_is_answered_as_what_is_not_there() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let _worker = world.worker("one", &[]).await;
    let roles = "submit,read,reveal";
    let own = key(
        &world,
        &["--tenant", "acme", "--role", roles, "--rate", "100000"],
    )
    .await;
    let other = key(
        &world,
        &["--tenant", "other", "--role", roles, "--rate", "100000"],
    )
    .await;
    let operator = key(&world, &["--role", "operate"]).await;
    let revoked = key(&world, &["--tenant", "acme", "--role", roles]).await;
    world
        .run(["keys", "api", "revoke", &revoked[4..16]])
        .await
        .good();
    let id = api
        .submit(&own, &json!({ "kind": "bvn", "bvn": BVN }))
        .await;
    api.end_of(&own, &id).await;
    for (method, path, role) in ROUTES {
        let at = |id: &str| format!("/v1/verifications/{id}{path}");
        let theirs = ask(&api, method, &at(&id), &other).await;
        let nothing = ask(&api, method, &at(UNKNOWN), &other).await;
        assert_eq!(
            (theirs.status, plain(&theirs)),
            (404, plain(&nothing)),
            "{method} {path}"
        );
        assert_eq!(
            plain(&ask(&api, method, &at("no-id"), &other).await),
            plain(&nothing)
        );
        for lesser in ["submit", "read", "reveal"]
            .into_iter()
            .filter(|lesser| *lesser != role)
        {
            // `reveal` may do what `read` may.
            if (role, lesser) == ("read", "reveal")
                || (role, lesser, path) == ("reveal", "read", "?wait=1s")
            {
                continue;
            }
            let lesser = key(&world, &["--tenant", "acme", "--role", lesser]).await;
            ask(&api, method, &at(&id), &lesser)
                .await
                .is_problem(403, "forbidden");
        }
        ask(&api, method, &at(&id), &operator)
            .await
            .is_problem(403, "forbidden");
        for none in ["", revoked.as_str()] {
            ask(&api, method, &at(&id), none)
                .await
                .is_problem(401, "unauthenticated");
        }
    }
    let listed = api.get("/v1/verifications", &other).await.json();
    assert_eq!(listed["verifications"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_an_answer_says_nothing_either() {
    const TRIES: usize = 1_000;
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let _worker = world.worker("one", &[]).await;
    let own = key(&world, &["--tenant", "acme", "--role", "submit,read"]).await;
    let other = key(
        &world,
        &["--tenant", "other", "--role", "read", "--rate", "1000000"],
    )
    .await;
    let id = api
        .submit(&own, &json!({ "kind": "bvn", "bvn": BVN }))
        .await;
    api.end_of(&own, &id).await;
    let (mut theirs, mut nothing) = (Vec::new(), Vec::new());
    for _ in 0..TRIES {
        for (id, times) in [(id.as_str(), &mut theirs), (UNKNOWN, &mut nothing)] {
            let begun = Instant::now();
            let answer = api.get(&format!("/v1/verifications/{id}"), &other).await;
            times.push(begun.elapsed());
            assert_eq!(answer.status, 404);
        }
    }
    theirs.sort_unstable();
    nothing.sort_unstable();
    let (one, two) = (theirs[TRIES / 2], nothing[TRIES / 2]);
    // The noise: half of the answers lie in this range.
    let noise = nothing[TRIES * 3 / 4] - nothing[TRIES / 4];
    assert!(one.abs_diff(two) <= noise, "{one:?} {two:?} {noise:?}");
}
