//! Records, required fields, tokens.

use kyc_sandbox::{CASES, Config};
use serde_json::Value;

use crate::support::{NUMBERS, World, path, small};

/// The groups and fields of the provider's examples, with blank texts.
const SHAPES: &str = include_str!("shapes.json");

fn assert_same_shape(kind: &str, actual: &Value, expected: &Value) {
    match expected {
        Value::Object(fields) => {
            let actual = actual.as_object().unwrap();
            let names = |fields: &serde_json::Map<String, Value>| {
                fields
                    .keys()
                    .cloned()
                    .collect::<std::collections::BTreeSet<_>>()
            };
            assert_eq!(names(actual), names(fields), "{kind}");
            for (name, value) in fields {
                assert_same_shape(kind, &actual[name], value);
            }
        }
        _ => assert!(actual.is_string(), "{kind}"),
    }
}

#[tokio::test]
async fn records_have_the_fields_of_the_collection() {
    let world = World::ordinary().await;
    let shapes: Value = serde_json::from_str(SHAPES).unwrap();
    for (kind, stem) in NUMBERS {
        for case in ["000", "002", "061", "062", "999"] {
            let record = world.record(kind, &format!("{stem}{case}")).await;
            assert_same_shape(kind, &record, &shapes[kind]);
        }
    }
}

#[tokio::test]
async fn a_number_is_the_same_person_each_time_and_everywhere() {
    let (one, other) = (World::ordinary().await, World::ordinary().await);
    for (kind, stem) in NUMBERS {
        let number = format!("{stem}000");
        let record = one.record(kind, &number).await;
        assert_eq!(record, one.record(kind, &number).await);
        assert_eq!(record, other.record(kind, &number).await);
        assert_ne!(record, one.record(kind, &format!("{stem}100")).await);
    }
    // Fixed values, because tests of other crates and the demo may use them.
    let who = one.who("bvn", "22200000000").await;
    assert_eq!(
        (who["first_name"].as_str(), who["last_name"].as_str()),
        (Some("Idara"), Some("Gyang"))
    );
}

#[tokio::test]
async fn records_say_who_they_are_about() {
    let world = World::ordinary().await;
    let bvn = world.record("bvn", "22212345000").await;
    assert_eq!(bvn["identity"]["bvn"], "22212345000");
    assert_eq!(bvn["metadata"]["watch_listed"], "NO");
    let who = world.who("bvn", "22212345000").await;
    assert_eq!(bvn["profile"]["first_name"], who["first_name"]);
    assert_eq!(bvn["profile"]["last_name"], who["last_name"]);
    assert_eq!(bvn["contact"]["main_phone_number"], who["phone"]);

    let phone = world.record("nin_phone", "08031234000").await;
    assert_eq!(phone["contact"]["main_phone_number"], "08031234000");
    let day_first = |iso: &str| iso.split('-').rev().collect::<Vec<_>>().join("-");
    let born = world.who("nin_phone", "08031234000").await["date_of_birth"]
        .as_str()
        .map(day_first);
    assert_eq!(phone["profile"]["date_of_birth"].as_str(), born.as_deref());

    let passport = world.record("passport", "A12345000").await;
    assert_eq!(passport["identity"]["passport_id"], "A12345000");
    assert_eq!(
        passport["profile"]["dob"],
        world.who("passport", "A12345000").await["date_of_birth"]
    );
    let license = world.record("drivers_license", "ABC12345000").await;
    assert_eq!(license["identity"]["driver_license"], "ABC12345000");
    assert_eq!(
        world.record("cac", "456000").await["identity"]["cac"],
        "456000"
    );
}

#[tokio::test]
async fn blank_watch_listed_marked_and_swapped() {
    let world = World::ordinary().await;
    let blank = world.record("bvn", "22212345002").await;
    for (group, field) in [
        ("profile", "gender"),
        ("profile", "date_of_birth"),
        ("metadata", "watch_listed"),
        ("identity", "nin"),
        ("contact", "email"),
    ] {
        assert_eq!(blank[group][field], "", "{group}.{field}");
    }
    assert_ne!(blank["profile"]["last_name"], "");
    assert_eq!(
        world.record("bvn", "22212345060").await["metadata"]["watch_listed"],
        "YES"
    );

    for (kind, stem) in NUMBERS {
        let (who, record) = (
            world.who(kind, &format!("{stem}061")).await,
            world.record(kind, &format!("{stem}061")).await,
        );
        let name = if kind == "cac" {
            "company_name"
        } else {
            "first_name"
        };
        assert_eq!(record["profile"][name], who[name]);
        let name = who[name].as_str().unwrap();
        assert!(!name.is_ascii() || name.contains('\''), "{name}");
    }

    let (who, record) = (
        world.who("nin", "12345678062").await,
        world.record("nin", "12345678062").await,
    );
    assert_eq!(record["profile"]["surname"], who["first_name"]);
    assert_eq!(record["profile"]["first_name"], who["last_name"]);
}

#[tokio::test]
async fn demands_must_be_there_and_true() {
    let world = World::ordinary().await;
    let cac = |query: &'static [(&str, &str)]| {
        let request = world
            .get(&path("cac", "456000"))
            .header("Api-Token", "any")
            .query(query);
        async { request.send().await.unwrap().status().as_u16() }
    };
    assert_eq!(cac(&[]).await, 422);
    assert_eq!(cac(&[("company_name", " ")]).await, 422);
    assert_eq!(cac(&[("company_name", "Nobody Limited")]).await, 404);

    let who = world.who("passport", "A12345000").await;
    let claim = |name: &str| who[name].as_str().unwrap().to_uppercase();
    let passport = |first: String, last: String, born: String| {
        let query = [("first_name", first), ("last_name", last), ("dob", born)];
        let request = world
            .get(&path("passport", "A12345000"))
            .header("Api-Token", "any")
            .query(&query);
        async { request.send().await.unwrap().status().as_u16() }
    };
    let (first, last, born) = (
        claim("first_name"),
        claim("last_name"),
        claim("date_of_birth"),
    );
    assert_eq!(
        passport(first.clone(), last.clone(), born.clone()).await,
        200
    );
    assert_eq!(
        passport(last.clone(), first.clone(), born.clone()).await,
        404
    );
    assert_eq!(
        passport(first.clone(), last.clone(), "1901-01-01".into()).await,
        404
    );
    assert_eq!(passport(first, String::new(), born).await, 422);
}

#[tokio::test]
async fn tokens_are_checked() {
    let open = World::ordinary().await;
    let closed = World::start(Config {
        api_token: Some("right".into()),
        ..small()
    })
    .await;
    for (world, token, status) in [
        (&open, "", 401),
        (&open, "any", 200),
        (&closed, "any", 401),
        (&closed, "", 401),
        (&closed, "right", 200),
    ] {
        let request = world
            .get(&path("bvn", "22200000000"))
            .header("Api-Token", token);
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), status);
        if status == 401 {
            assert_eq!(response.json::<Value>().await.unwrap()["status"], "error");
        }
    }
    let without = open.get(&path("bvn", "22200000000")).send().await.unwrap();
    assert_eq!(without.status(), 401);
}

#[tokio::test]
async fn every_answer_is_marked() {
    let world = World::ordinary().await;
    for path in [
        "/__sandbox/health",
        "/__sandbox/identities",
        "/__sandbox/identities/bvn/22200000000",
        "/__sandbox/identities/vnin/1",
        "/__sandbox/reset",
        "/identity/bvn/advanced/22200000000",
        "/identity/bvn/advanced/%FF",
        "/no/such/path",
    ] {
        let response = world.get(path).send().await.unwrap();
        assert_eq!(response.headers()["X-Sandbox"], "1", "{path}");
    }
    assert_eq!(
        world
            .get("/__sandbox/identities/vnin/1")
            .send()
            .await
            .unwrap()
            .status(),
        404
    );
    let listed = world.own("/__sandbox/identities").await;
    assert_eq!(listed["cases"].as_array().unwrap().len(), CASES.len());
}
