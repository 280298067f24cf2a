//! What a caller may not see: every route of the OpenAPI document with a key of another tenant, of a lesser role, of no role, that is
//! over, and none. A route that has no row here fails the test.

use std::{collections::BTreeSet, path::Path, time::Instant};

use kyc_tests::World;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Api, BVN, key};

/// An id that nothing has.
const UNKNOWN: &str = "01J9ZQ3V5T8Y6K2M4N7P0R1S2T";
/// Roles of a tenant's key, and of one that operates the queue.
const OF_TENANTS: [&str; 3] = ["submit", "read", "reveal"];
const OF_THE_QUEUE: [&str; 2] = ["operate", "admin"];

/// A route as the document names it: method, path, the query and whether a body is needed to get past what is read before the
/// roles, and the roles of which one is needed.
struct Route {
    method: &'static str,
    path: &'static str,
    query: &'static str,
    sends: Sends,
    roles: &'static [&'static str],
}

/// What a request has as its body.
#[derive(Clone, Copy, PartialEq)]
enum Sends {
    Nothing,
    Job,
    File,
}

const fn route(method: &'static str, path: &'static str, roles: &'static [&'static str]) -> Route {
    Route {
        method,
        path,
        query: "",
        sends: Sends::Nothing,
        roles,
    }
}

const SUBMIT: &[&str] = &["submit"];
const READ: &[&str] = &["read", "reveal"];
const REVEAL: &[&str] = &["reveal"];
const OPERATE: &[&str] = &["operate", "admin"];
const ADMIN: &[&str] = &["admin"];

/// One row for each operation of the document.
const ROUTES: &[Route] = &[
    Route {
        sends: Sends::Job,
        ..route("POST", "/v1/verifications", SUBMIT)
    },
    route("GET", "/v1/verifications", READ),
    route("GET", "/v1/verifications/{id}", READ),
    route("DELETE", "/v1/verifications/{id}", SUBMIT),
    route("GET", "/v1/verifications/{id}/images/{name}", REVEAL),
    route("POST", "/v1/verifications/{id}/cancel", SUBMIT),
    route("POST", "/v1/verifications/{id}/retry", SUBMIT),
    Route {
        sends: Sends::File,
        ..route("POST", "/v1/batches", SUBMIT)
    },
    route("GET", "/v1/batches", READ),
    route("GET", "/v1/batches/{id}", READ),
    route("GET", "/v1/batches/{id}/results.csv", READ),
    route("GET", "/v1/batches/{id}/results.ndjson", READ),
    route("POST", "/v1/batches/{id}/cancel", SUBMIT),
    route("GET", "/v1/events", READ),
    route("GET", "/v1/admin/limits", OPERATE),
    route("PUT", "/v1/admin/limits/{scope}", OPERATE),
    route("PATCH", "/v1/admin/limits/{scope}", OPERATE),
    route("POST", "/v1/admin/limits/{scope}/pause", OPERATE),
    route("POST", "/v1/admin/limits/{scope}/resume", OPERATE),
    route("GET", "/v1/admin/queue", OPERATE),
    route("GET", "/v1/admin/workers", OPERATE),
    route("GET", "/v1/admin/verifications", OPERATE),
    Route {
        query: "?state=dead",
        ..route("POST", "/v1/admin/verifications/{action}", OPERATE)
    },
    route("GET", "/v1/admin/operations/{id}", OPERATE),
    route("GET", "/v1/admin/rejected", OPERATE),
    route("GET", "/v1/admin/tenants", OPERATE),
    route("PUT", "/v1/admin/tenants/{tenant}", ADMIN),
    route("GET", "/v1/admin/keys", ADMIN),
    route("POST", "/v1/admin/keys", ADMIN),
    route("DELETE", "/v1/admin/keys/{id}", ADMIN),
];

impl Route {
    /// Whether it is about one thing that belongs to a tenant.
    fn is_of_one(&self) -> bool {
        self.path.contains("{id}") && !self.path.starts_with("/v1/admin/")
    }

    /// The address for a thing with this id.
    fn at(&self, id: &str) -> String {
        let path = self.path.replace("{id}", id);
        let path = path
            .replace("{name}", "photo")
            .replace("{scope}", "bvn")
            .replace("{action}", "retry")
            .replace("{tenant}", "acme");
        format!("{path}{}", self.query)
    }

    async fn ask(&self, api: &Api, id: &str, key: &str) -> Answer {
        let method = Method::from_bytes(self.method.as_bytes()).unwrap();
        let mut request = api.request(method, &self.at(id), key);
        match self.sends {
            Sends::Nothing => {}
            Sends::Job => {
                let job = json!({ "kind": "bvn", "bvn": BVN }).to_string();
                request = request.header("content-type", "application/json").body(job);
            }
            Sends::File => request = file(request),
        }
        Answer::of(request).await
    }
}

/// Adds a file of one job to a request.
fn file(request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
    let request = request.header("content-type", "text/csv");
    request
        .header("idempotency-key", "file")
        .body(format!("bvn\n{BVN}\n"))
}

/// The ids of what the tenant `acme` has, for the routes about one thing.
struct Things {
    verification: String,
    batch: String,
}

impl Things {
    async fn of(api: &Api, own: &str) -> Self {
        let job = json!({ "kind": "bvn", "bvn": BVN });
        let verification = api.submit(own, &job).await;
        api.end_of(own, &verification).await;
        let sent = Answer::of(file(api.request(Method::POST, "/v1/batches", own))).await;
        let batch = sent.json()["id"].as_str().unwrap().to_owned();
        Self {
            verification,
            batch,
        }
    }

    fn for_route(&self, route: &Route) -> &str {
        match route.path.split('/').nth(2) {
            Some("verifications") => &self.verification,
            Some("batches") => &self.batch,
            _ => panic!("{}: what belongs to a tenant has an id here", route.path),
        }
    }
}

/// An answer without what differs between any two: the id of the request, the time, and what is left of the key's rate.
fn plain(answer: &Answer) -> String {
    let id = answer.headers["x-request-id"].to_str().unwrap();
    let varies = ["x-request-id", "date", "ratelimit"];
    let headers = answer.headers.iter();
    let mut headers: Vec<String> = headers
        .filter(|(name, _)| !varies.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    headers.sort_unstable();
    let body = answer.text.replace(id, "ID");
    format!("{} {headers:?} {body}", answer.status)
}

/// A key of a tenant with all its roles, and no bound that a test could reach.
async fn of_tenant(world: &World, tenant: &str) -> String {
    let roles = OF_TENANTS.join(",");
    let words = ["--tenant", tenant, "--role", &roles, "--rate", "1000000"];
    key(world, &words).await
}

#[test]
fn every_route_of_the_document_has_a_row() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/gateway/docs/openapi.json");
    let document = std::fs::read_to_string(path).unwrap();
    let document: Value = serde_json::from_str(&document).unwrap();
    let mut documented = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            documented.insert((method.to_uppercase(), path.clone()));
        }
    }
    let rows = ROUTES.iter();
    let rows: BTreeSet<_> = rows
        .map(|route| (route.method.to_owned(), route.path.to_owned()))
        .collect();
    assert_eq!(rows, documented);
    assert_eq!(rows.len(), ROUTES.len(), "no row comes twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_valid_key_no_route_answers() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let whole = of_tenant(&world, "acme").await;
    let revoked = of_tenant(&world, "acme").await;
    let words = ["keys", "api", "revoke", &revoked[4..16]];
    world.run(words).await.good();
    let unknown = of_tenant(&world, "acme").await;
    let mut forget = redis::cmd("HDEL");
    forget.arg("{kyc}:api-keys").arg(&unknown[4..16]);
    forget.exec_async(&mut world.redis().await).await.unwrap();
    let expired = key(&world, &["--role", "admin", "--expires", "1s"]).await;
    kyc_tests::eventually("the key expires", async || {
        (api.get("/v1/admin/keys", &expired).await.status == 401).then_some(())
    })
    .await;
    for route in ROUTES {
        let mut over = BTreeSet::new();
        for key in [&revoked, &expired, &unknown] {
            let answer = route.ask(&api, UNKNOWN, key).await;
            answer.is_problem(401, "unauthenticated");
            over.insert(plain(&answer));
        }
        // The end of one key and the beginning of another, a part of one, and others.
        let mixed = format!("{}{}", &whole[..20], &revoked[20..]);
        for none in ["", &whole[..40], &mixed, "kyc_", "x"] {
            let answer = route.ask(&api, UNKNOWN, none).await;
            answer.is_problem(401, "unauthenticated");
        }
        assert_eq!(over.len(), 1, "{} {}: {over:?}", route.method, route.path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lesser_role_is_refused_by_every_route() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let mut keys = Vec::new();
    for role in OF_TENANTS {
        let words = ["--tenant", "acme", "--role", role, "--rate", "1000000"];
        keys.push((role, key(&world, &words).await));
    }
    for role in OF_THE_QUEUE {
        let words = ["--role", role, "--rate", "1000000"];
        keys.push((role, key(&world, &words).await));
    }
    // Whatever is stored of a tenant's key: it operates nothing.
    let forged = key(&world, &["--tenant", "acme", "--role", "read"]).await;
    let mut redis = world.redis().await;
    let mut get = redis::cmd("HGET");
    get.arg("{kyc}:api-keys").arg(&forged[4..16]);
    let stored: String = get.query_async(&mut redis).await.unwrap();
    let stored = stored.replace("[\"read\"]", "[\"operate\",\"admin\"]");
    let mut set = redis::cmd("HSET");
    set.arg("{kyc}:api-keys").arg(&forged[4..16]).arg(&stored);
    set.exec_async(&mut redis).await.unwrap();
    for route in ROUTES {
        for (role, key) in &keys {
            if route.roles.contains(role) {
                continue;
            }
            let answer = route.ask(&api, UNKNOWN, key).await;
            let problem = answer.is_problem(403, "forbidden");
            assert!(
                problem["remedy"].as_str().unwrap().contains("--"),
                "{problem}"
            );
        }
        if route.path.starts_with("/v1/admin/") {
            let answer = route.ask(&api, UNKNOWN, &forged).await;
            answer.is_problem(403, "forbidden");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_yours_is_answered_as_what_is_not_there() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let _worker = world.worker("one", &[]).await;
    let own = of_tenant(&world, "acme").await;
    let other = of_tenant(&world, "other").await;
    let things = Things::of(&api, &own).await;
    for route in ROUTES.iter().filter(|route| route.is_of_one()) {
        let what = format!("{} {}", route.method, route.path);
        let theirs = route.ask(&api, things.for_route(route), &other).await;
        let nothing = route.ask(&api, UNKNOWN, &other).await;
        assert_eq!(theirs.status, 404, "{what}");
        assert_eq!(plain(&theirs), plain(&nothing), "{what}");
        let no_id = route.ask(&api, "no-id", &other).await;
        assert_eq!(plain(&no_id), plain(&nothing), "{what}");
        // Nothing was done to it.
        let path = format!("/v1/verifications/{}", things.verification);
        let known = api.get(&path, &own).await;
        assert_eq!(known.json()["state"], "completed", "{what}");
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
    let own = of_tenant(&world, "acme").await;
    let other = of_tenant(&world, "other").await;
    let things = Things::of(&api, &own).await;
    for route in ROUTES.iter().filter(|route| route.is_of_one()) {
        let (mut theirs, mut nothing) = (Vec::new(), Vec::new());
        for _ in 0..TRIES {
            let both = [
                (things.for_route(route), &mut theirs),
                (UNKNOWN, &mut nothing),
            ];
            for (id, times) in both {
                let begun = Instant::now();
                let answer = route.ask(&api, id, &other).await;
                times.push(begun.elapsed());
                assert_eq!(answer.status, 404);
            }
        }
        theirs.sort_unstable();
        nothing.sort_unstable();
        let (one, two) = (theirs[TRIES / 2], nothing[TRIES / 2]);
        // The noise: half of the answers lie in this range.
        let noise = nothing[TRIES * 3 / 4] - nothing[TRIES / 4];
        let what = format!("{} {}: {one:?} {two:?} {noise:?}", route.method, route.path);
        assert!(one.abs_diff(two) <= noise, "{what}");
    }
}
