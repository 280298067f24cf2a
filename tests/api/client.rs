//! The client library for Rust, against a real server.

use std::time::{Duration, Instant};

use kyc_client::{
    Claim, Job, Timestamp,
    http::{Client, Config, Error, Filter, State, Told, Verdict},
};
use kyc_tests::World;
use reqwest::Method;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::support::{Api, BVN, key};

const ROLES: &str = "submit,read,reveal";

fn client(address: &str, key: &str) -> Client {
    Client::new(&Config::new(address, key).patience(Duration::from_secs(30))).unwrap()
}

fn job(reference: &str) -> Job {
    Job::bvn(BVN)
        .reference(reference)
        .claim(Claim::LastName, "Nobody")
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_a_client_can_do_is_done() {
    let world = World::new().await;
    let _worker = world.worker("one", &[]).await;
    let api = Api::start(&world, &[]).await;
    let app = key(&world, &["--tenant", "acme", "--role", ROLES]).await;
    let client = client(&api.address, &app);
    let mut events = client.events().after("0");
    let known = client.verify(&job("loan-1")).await.unwrap();
    assert_eq!(
        (known.state, known.verdict),
        (State::Completed, Some(Verdict::NoMatch))
    );
    assert_eq!(
        known.reasons.as_ref().unwrap()[0].code,
        "last_name_mismatch"
    );
    let record = known.record.as_ref().unwrap();
    assert_eq!(record.expose()["type"], "person");
    let image = &known.images.as_ref().unwrap()[0];
    let bytes = client.image(&known.id, &image.name).await.unwrap();
    assert_eq!(bytes.len(), image.bytes);
    let shown = format!("{known:?} {client:?} {events:?}");
    for secret in [
        BVN,
        &app,
        &api.address,
        record.expose()["last_name"].as_str().unwrap(),
    ] {
        assert!(!shown.contains(secret), "{shown}");
    }

    let Told::End(event) = events.next().await.unwrap() else {
        panic!("an end");
    };
    assert_eq!((&event.id, event.verdict), (&known.id, known.verdict));
    let apart = event.finished_at.duration_since(known.finished_at.unwrap());
    assert!(apart.as_millis().abs() < 1_000, "{apart:?}");

    let later = Timestamp::now() + Duration::from_secs(3600);
    let submitted = client
        .submit(&job("later").not_before(later))
        .await
        .unwrap();
    let waits = client
        .wait_at_most(&submitted.id, Duration::from_secs(1))
        .await
        .unwrap();
    assert!(!waits.has_ended());
    let page = client
        .list(&Filter::new().reference("loan-1").limit(5))
        .await
        .unwrap();
    assert_eq!(
        (page.verifications.len(), &page.verifications[0].id),
        (1, &known.id)
    );
    let cancelled = client.cancel(&submitted.id).await.unwrap();
    assert_eq!(cancelled.state, State::Cancelled);
    let error = client.retry(&submitted.id).await.unwrap_err();
    assert!(
        error.is("wrong-state") && error.status() == Some(409),
        "{error}"
    );
    assert!(client.delete(&known.id).await.unwrap());
    assert!(!client.delete(&known.id).await.unwrap());
    let error = client.verification(&known.id).await.unwrap_err();
    assert!(error.is("not-found"), "{error}");
    let error = client.submit(&Job::bvn("123")).await.unwrap_err();
    let problem = error.problem().unwrap();
    assert_eq!(problem.errors[0].pointer, "/bvn", "{error}");
    assert!(!error.to_string().contains("123"), "{error}");
}

/// Starts a proxy that loses every second answer, after the server has carried the request out. Returns its address.
async fn lossy(server: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut loses = false;
        while let Ok((client, _)) = listener.accept().await {
            loses = !loses;
            let upstream = TcpStream::connect(&server).await.unwrap();
            let (mut from_client, mut to_client) = client.into_split();
            let (mut from_server, mut to_server) = upstream.into_split();
            let sending = tokio::spawn(async move {
                let _ = tokio::io::copy(&mut from_client, &mut to_server).await;
            });
            let mut answer = vec![0; 4096];
            let count = from_server.read(&mut answer).await.unwrap();
            if !loses {
                to_client.write_all(&answer[..count]).await.unwrap();
            }
            // The next request comes over another connection.
            sending.abort();
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submission_whose_answer_was_lost_is_one_job() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let app = key(&world, &["--tenant", "acme", "--role", ROLES]).await;
    let lossy = lossy(api.address.trim_start_matches("http://").to_owned()).await;
    let client = client(&lossy, &app);
    for nth in 0..10 {
        let submitted = client.submit(&job(&format!("r-{nth}"))).await.unwrap();
        // The second try is told of what the first one did.
        assert!(submitted.existing);
    }
    let _worker = world.worker("one", &[]).await;
    let queue = world.queue().await;
    kyc_tests::eventually("all are done", async || {
        (world.published(&queue).await.len() == 10).then_some(())
    })
    .await;
    world.nothing_left(&queue).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_that_the_server_asks_for_is_kept() {
    let world = World::new().await;
    let api = Api::start(&world, &[]).await;
    let words = ["--tenant", "acme", "--role", ROLES, "--rate", "1"];
    let app = key(&world, &words).await;
    let client = client(&api.address, &app);
    let begun = Instant::now();
    for _ in 0..3 {
        client.list(&Filter::new()).await.unwrap();
    }
    assert!(begun.elapsed() > Duration::from_millis(1_500));
    let hasty = Config::new(&api.address, &app).patience(Duration::ZERO);
    let hasty = Client::new(&hasty).unwrap();
    let error = hasty.list(&Filter::new()).await.unwrap_err();
    assert!(error.is("too-many-requests"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_go_on_over_servers_that_stop() {
    let world = World::new().await;
    let _worker = world.worker("one", &[]).await;
    let mut first = Api::start(&world, &[]).await;
    let app = key(&world, &["--tenant", "acme", "--role", ROLES]).await;
    let listen = first.address.trim_start_matches("http://").to_owned();
    let client = client(&first.address, &app);
    let mut events = client.events();
    let reading = tokio::spawn(async move {
        let mut references = Vec::new();
        while references.len() < 3 {
            if let Told::End(event) = events.next().await? {
                references.push(event.reference);
            }
        }
        Ok::<_, Error>(references)
    });
    // The stream is open once the server has answered.
    kyc_tests::eventually("the stream is open", async || {
        first.server.log().contains("/v1/events").then_some(())
    })
    .await;
    client.verify(&job("one")).await.unwrap();
    first.server.terminate().await;
    let second = Api::start(&world, &[("serve_listen", &listen)]).await;
    let answer = second.request(Method::GET, "/readyz", "").send().await;
    assert!(answer.unwrap().status().is_success());
    for reference in ["two", "three"] {
        client.verify(&job(reference)).await.unwrap();
    }
    assert_eq!(reading.await.unwrap().unwrap(), ["one", "two", "three"]);
    world
        .run(["keys", "api", "revoke", &app[4..16]])
        .await
        .good();
    let mut events = client.events();
    kyc_tests::eventually("the key is over", async || {
        let told = tokio::time::timeout(Duration::from_secs(2), events.next()).await;
        told.ok()
            .and_then(Result::err)
            .filter(|error| error.is("unauthenticated"))
    })
    .await;
}
