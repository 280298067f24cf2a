//! `kyc explain`: the request, the comparison and its reasons, each attempt, and the cost. Personal data is masked.

use kyc_tests::{Job, World};
use serde_json::{Value, json};

use crate::reuse::enqueue;

/// Returns its output as text and as JSON.
async fn explained(world: &World, id: &str) -> (String, Value) {
    let text = world.run(["explain", id]).await;
    let json = world.run(["explain", id, "--json"]).await;
    assert_eq!(text.code, json.code);
    (text.out, serde_json::from_str(&json.out).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_is_explained_from_the_request_to_the_cost() {
    let mut world = World::new().await;
    world.set("retry_first", "20ms");
    let queue = world.queue().await;
    let _worker = world.worker("one", &[]).await;
    // The provider fails once, then answers.
    let job = Job::of_case("bvn", "020");
    let first_name = job.who["first_name"].as_str().unwrap().to_owned();
    let job = job
        .with("reference", "loan-7")
        .with("purpose", "loan")
        .with(
            "consent",
            json!({"obtained_at": "2026-01-31T14:30:00Z", "reference": "form-17"}),
        )
        .with(
            "claims",
            json!({"first_name": first_name, "last_name": "Zubairu", "date_of_birth": "1901-02-03"}),
        );
    let id = enqueue(&world, std::slice::from_ref(&job)).await[0];
    let known = world.end_of(&queue, id).await;
    let (text, told) = explained(&world, &id.to_string()).await;

    for said in [
        "Request",
        "Bank Verification Number ********020",
        "last_name Z***",
        "date_of_birth 1901-**-**",
        "loan-7",
        "form-17",
        "Result",
        "completed: no_match",
        "Comparison",
        "mismatch",
        "Reasons",
        "The last name does not agree with the record. (last_name_mismatch",
        "the person may be told",
        "Attempts",
        "http_500",
        "The provider failed",
        "Cost",
        "2 calls were sent.",
        "a sandbox",
    ] {
        assert!(text.contains(said), "{said} is missing in:\n{text}");
    }
    assert_eq!(told["asked"]["purpose"], "loan");
    assert_eq!(told["asked"]["consent"]["reference"], "form-17");
    assert_eq!(told["cost"]["calls"], 2);
    assert_eq!(told["attempts"].as_array().unwrap().len(), 2);
    let compared = told["compared"].as_array().unwrap();
    assert_eq!(compared.len(), 3);
    for check in compared {
        assert!(!check["why"].as_str().unwrap().is_empty(), "{check}");
    }
    let first = &compared[0];
    assert_eq!(first["result"], "match");
    let initial: String = first_name.chars().take(1).collect();
    assert_eq!(first["claimed"], format!("{initial}***"));
    assert_eq!(first["record"], json!([format!("{initial}***")]));

    let record = serde_json::to_value(known.outcome.unwrap().record).unwrap();
    let whole = format!("{text}{told}");
    for secret in [
        job.number(),
        "Zubairu",
        "1901-02-03",
        record["first_name"].as_str().unwrap(),
        record["last_name"].as_str().unwrap(),
        record["date_of_birth"]["raw"].as_str().unwrap(),
    ] {
        assert!(!whole.contains(secret), "{secret} is shown");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_job_shows_its_reason_and_a_free_one_that_it_cost_nothing() {
    let mut world = World::new().await;
    world.set("reuse", "bvn=1h");
    let queue = world.queue().await;
    let job = Job::of_case("bvn", "000");
    let ids = enqueue(&world, &[job.clone(), job.clone()]).await;
    let [leader, follower] = [ids[0].to_string(), ids[1].to_string()];
    let waits = world.run(["explain", &follower]).await;
    assert_eq!(waits.code, 3);
    let asks = format!("verification {leader}, which asks the same");
    assert!(waits.out.contains(&asks), "{}", waits.out);
    let _worker = world.worker("one", &[]).await;
    for id in &ids {
        world.end_of(&queue, *id).await;
    }
    let (text, told) = explained(&world, &follower).await;
    assert!(text.contains("No call: an answer was reused."), "{text}");
    assert!(
        text.contains(&format!("to verification {leader}")),
        "{text}"
    );
    assert_eq!(told["cost"]["calls"], 0);
    assert_eq!(told["reused"]["verification"], leader);
    let nobody = world.run(["explain", "01ARZ3NDEKTSV4RRFFQ69G5FAV"]).await;
    assert_eq!(nobody.code, 5);
}
