//! The stream of events: each end once, for the tenant alone, and resumed where it was left.

use std::time::Duration;

use kyc_tests::{World, eventually};
use redis::AsyncCommands as _;
use serde_json::{Value, json};

use crate::{
    sse::Events,
    support::{Api, BVN, key},
};

const ROLES: &str = "submit,read";

fn job(reference: &str) -> Value {
    json!({ "kind": "bvn", "bvn": BVN, "reference": reference, "claims": { "last_name": "Nobody" } })
}

/// Submits a job and waits for its end.
async fn done(api: &Api, key: &str, reference: &str) -> Value {
    let id = api.submit(key, &job(reference)).await;
    api.end_of(key, &id).await
}

/// Asserts that an event and a verification ended at one time. The event has that of its entry in the results.
fn ended_at_once(event: &Value, known: &Value) {
    let [event, known] = [event, known].map(|one| -> jiff::Timestamp {
        let time = one["finished_at"].as_str();
        time.expect("it has ended").parse().unwrap()
    });
    let apart = event.duration_since(known).as_millis().abs();
    assert!(apart < 1_000, "{event} {known}");
}

/// A tenant without a stream of its own.
const SHARED: &str = "default";

/// Adds results to the stream of all as a worker publishes them: of one tenant, and of another one between them.
async fn publish(world: &World, from: usize, count: usize) -> Vec<String> {
    let mut redis = world.redis().await;
    let mut ids = Vec::new();
    let mut pipe = redis::pipe();
    for nth in from..from + count {
        for tenant in [SHARED, "other"] {
            let id = format!("{tenant}-{nth}");
            let result = json!({ "id": id, "kind": "bvn", "tenant": tenant, "reference": "", "state": "completed",
                "verdict": "found", "reasons": [] });
            pipe.xadd("{kyc}:results", "*", &[("result", result.to_string())]);
            if tenant == SHARED {
                ids.push(id);
            }
        }
    }
    let _: Vec<String> = pipe.query_async(&mut redis).await.unwrap();
    let _: u64 = redis.publish("{kyc}:done", "").await.unwrap();
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn ends_come_as_they_are_and_a_stream_goes_on_where_it_was_left() {
    let world = World::new().await;
    let _worker = world.worker("one", &[]).await;
    let api = Api::start(&world, &[]).await;
    let app = key(&world, &["--tenant", "acme", "--role", ROLES]).await;
    let other = key(&world, &["--tenant", "other", "--role", ROLES]).await;
    let (mut events, begin) = Events::open(&api, &app, None).await;
    let (mut others, _) = Events::open(&api, &other, None).await;
    let first = done(&api, &app, "loan-1").await;
    let event = events.event().await;
    assert_eq!(event.event.as_deref(), Some("verification.completed"));
    for field in [
        "id",
        "reference",
        "kind",
        "state",
        "verdict",
        "reasons",
        "sandbox",
    ] {
        assert_eq!(event.data[field], first[field], "{field}: {event:?}");
    }
    ended_at_once(&event.data, &first);
    let text = format!("{event:?}");
    assert!(!text.contains(BVN) && !text.contains("acme"), "{text}");

    // Two end while nobody reads.
    drop(events);
    let second = done(&api, &app, "loan-2").await;
    done(&api, &other, "theirs").await;
    let third = done(&api, &app, "loan-3").await;
    let last = event.id.unwrap();
    let (mut events, _) = Events::open(&api, &app, Some(&last)).await;
    assert_eq!(
        events.ids(2).await,
        [&second, &third].map(|known| known["id"].as_str().unwrap())
    );
    // Where it began, and the beginning of all.
    let all = [&first, &second, &third].map(|known| known["id"].as_str().unwrap().to_owned());
    for from in [&begin, "0"] {
        let (mut events, _) = Events::open(&api, &app, Some(from)).await;
        assert_eq!(events.ids(3).await, all);
    }
    // The other tenant saw its own alone.
    assert_eq!(others.event().await.data["reference"], "theirs");
    let wrong = api.get("/v1/events?after=1-1", &app).await;
    wrong.is_problem(400, "invalid-request");
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_and_cancelled_ones_say_why() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let app = key(&world, &["--tenant", "default", "--role", ROLES]).await;
    let (mut events, _) = Events::open(&api, &app, None).await;
    let queue = world.queue().await;
    let waits = kyc_kinds::parse(
        job("waits").to_string().as_bytes(),
        kyc_kinds::Rules::default(),
    );
    let waits = queue.enqueue(&waits.unwrap()).await.unwrap().id.to_string();
    let cancelled = api
        .post(
            &format!("/v1/verifications/{waits}/cancel"),
            &app,
            &Value::Null,
        )
        .await;
    assert_eq!(cancelled.status, 200, "{cancelled:?}");
    let event = events.event().await;
    let known = cancelled.json();
    assert_eq!(event.event.as_deref(), Some("verification.cancelled"));
    for field in ["id", "state", "code", "sentence"] {
        assert_eq!(
            event.data.get(field),
            known.get(field),
            "{field}: {event:?}"
        );
    }
    ended_at_once(&event.data, &known);
    assert!(event.data["sentence"].is_string(), "{event:?}");

    let mut late = job("late");
    let deadline = jiff::Timestamp::now() + Duration::from_secs(1);
    late["deadline"] = deadline.to_string().into();
    let id = api.submit(&app, &late).await;
    eventually("the deadline passes", async || {
        (jiff::Timestamp::now() > deadline).then_some(())
    })
    .await;
    let _worker = world.worker("one", &[]).await;
    let known = api.end_of(&app, &id).await;
    let event = events.event().await;
    assert_eq!(event.event.as_deref(), Some("verification.dead"), "{known}");
    for field in ["id", "state", "code", "sentence"] {
        assert_eq!(event.data[field], known[field], "{field}: {event:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_with_a_stream_of_its_own_reads_that() {
    let world = World::new().await;
    let _worker = world.worker("one", &[]).await;
    let api = Api::start(&world, &[]).await;
    let shared = key(&world, &["--tenant", SHARED, "--role", ROLES]).await;
    let app = key(&world, &["--tenant", "acme", "--role", ROLES]).await;
    let mut positions = Vec::new();
    for (key, stream) in [(&shared, 'a'), (&app, 't')] {
        let (mut events, begin) = Events::open(&api, key, None).await;
        done(&api, key, "own").await;
        let event = events.event().await;
        assert_eq!(event.data["reference"], "own");
        let id = event.id.unwrap();
        assert!(
            begin.starts_with(stream) && id.starts_with(stream),
            "{begin} {id}"
        );
        positions.push(id);
    }
    // A position in the stream of all is good for every tenant, and shows it its own alone.
    done(&api, &app, "later").await;
    let (mut events, _) = Events::open(&api, &app, Some(&positions[0])).await;
    for reference in ["own", "later"] {
        assert_eq!(events.event().await.data["reference"], reference);
    }
    // Once its stream is gone, its positions are of no use, and that is told.
    world.run(["tenants", "remove", "acme"]).await.good();
    let (mut events, _) = Events::open(&api, &app, Some(&positions[1])).await;
    assert_eq!(events.event().await.event.as_deref(), Some("gap"));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_ends_come_each_once_however_far_a_reader_is_behind() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let app = key(&world, &["--tenant", SHARED, "--role", ROLES]).await;
    let (mut slow, _) = Events::open(&api, &app, None).await;
    let mut all = publish(&world, 0, 1_200).await;
    let (mut late, _) = Events::open(&api, &app, Some("0")).await;
    // Meanwhile nobody reads the first stream, and more come.
    for nth in 1..10 {
        all.extend(publish(&world, nth * 1_200, 1_200).await);
    }
    assert_eq!(late.ids(all.len()).await, all);
    assert_eq!(slow.ids(all.len()).await, all);
    // Both are live again.
    let next = publish(&world, 20_000, 1).await;
    assert_eq!((late.ids(1).await, slow.ids(1).await), (next.clone(), next));
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_events_are_told() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let app = key(&world, &["--tenant", SHARED, "--role", ROLES]).await;
    let (mut events, _) = Events::open(&api, &app, None).await;
    publish(&world, 0, 3).await;
    let first = events.event().await.id.unwrap();
    let mut redis = world.redis().await;
    let _: u64 = redis::cmd("XTRIM")
        .arg("{kyc}:results")
        .arg(&["MAXLEN", "2"])
        .query_async(&mut redis)
        .await
        .unwrap();
    let (mut events, _) = Events::open(&api, &app, Some(&first)).await;
    let gap = events.event().await;
    assert_eq!(gap.event.as_deref(), Some("gap"));
    assert!(gap.data["detail"].is_string(), "{gap:?}");
    assert_eq!(events.ids(1).await, ["default-2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_its_key_and_with_the_server() {
    let world = World::new().await;
    let mut api = Api::start(&world, &[]).await;
    let revoked = key(&world, &["--tenant", "acme", "--role", "read"]).await;
    let words = ["--tenant", "acme", "--role", "reveal", "--expires", "3s"];
    let expires = key(&world, &words).await;
    let stays = key(&world, &["--tenant", "acme", "--role", "read"]).await;
    let (mut one, _) = Events::open(&api, &revoked, None).await;
    let (mut two, _) = Events::open(&api, &expires, None).await;
    let (mut three, _) = Events::open(&api, &stays, None).await;
    world
        .run(["keys", "api", "revoke", &revoked[4..16]])
        .await
        .good();
    for events in [&mut one, &mut two] {
        let comment = events.last_comment().await;
        assert!(comment.contains("not valid"), "{comment}");
    }
    api.server.signal("TERM").await;
    let comment = three.last_comment().await;
    assert!(comment.contains("connect again"), "{comment}");
    assert_eq!(api.server.ended().await, 0);
    let app = key(&world, &["--tenant", "acme", "--role", "submit"]).await;
    let api = Api::start(&world, &[]).await;
    api.get("/v1/events", &app)
        .await
        .is_problem(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_has_so_many_streams_and_no_more() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let app = key(&world, &["--tenant", "acme", "--role", "read"]).await;
    let mut open = Vec::new();
    for _ in 0..100 {
        open.push(Events::open(&api, &app, None).await);
    }
    let problem = api.get("/v1/events", &app).await;
    problem.is_problem(429, "too-many-requests");
    open.pop();
    let again = eventually("a place is free again", async || {
        let answer = api.request(reqwest::Method::GET, "/v1/events", &app);
        (answer.send().await.unwrap().status() == 200).then_some(())
    });
    again.await;
}
