//! `/healthz` and `/readyz` of a worker while Redis works, dies, hangs and restarts.

use std::{net::TcpListener, time::Duration};

use kyc_tests::{LONG, World, eventually};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{
    crash::{all_published_once, arrived, enqueue, slow},
    page::{LISTEN, Port},
};

/// Far longer than the second or two that it takes.
const SOON: Duration = Duration::from_secs(15);

/// Asserts that the reason is a sentence without an address.
#[track_caller]
fn a_sentence(world: &World, why: &str) {
    assert!(why.ends_with('.') && why.contains(' '), "{why}");
    let port = world.setting("redis_url").rsplit_once(':').unwrap().1;
    for address in ["127.0.0.1", "redis://", "localhost", port] {
        assert!(!why.contains(address), "{why}");
    }
}

/// Asserts that the worker is alive, and that its page shows its own counts but nothing about the queue.
async fn tells_what_it_knows(port: &Port) {
    let (status, body) = port.ask("/healthz").await;
    assert_eq!((status, body.as_str()), (200, "{\"alive\":true}"));
    port.reaches("kyc_redis_troubles_total{operation=\"renew\"}", 1.0)
        .await;
    // The counts of the queue are cached for a second.
    let page = eventually("the queue cannot be read", async || {
        let page = port.page().await;
        (page.value("kyc_queue_readable") == 0.0).then_some(page)
    })
    .await;
    let of_queue = page
        .samples
        .keys()
        .filter(|name| name.starts_with("kyc_queue_"));
    assert_eq!(of_queue.count(), 1, "{}", page.text);
    assert_eq!(
        page.value("kyc_jobs_completed_total{kind=\"bvn\",verdict=\"found\"}"),
        1.0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_without_a_whole_request_is_closed() {
    let world = World::new().await;
    let (_worker, port) = Port::worker(&world, "one", &[]).await;
    for head in ["", "GET /healthz HTTP/1.1\r\nHost: x\r\n"] {
        let mut stream = TcpStream::connect(port.address()).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let read = timeout(SOON, stream.read_to_end(&mut answer)).await;
        assert!(read.is_ok(), "{head:?}: it stays open");
    }
    port.ready().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_without_redis_is_alive_but_not_ready_until_redis_is_back() {
    let mut world = World::new().await;
    let (mut worker, port) = Port::worker(&world, "one", &[("lease", "2s")]).await;
    port.ready().await;
    let queue = world.queue().await;
    let jobs = enqueue(&world, &queue, 1).await;
    all_published_once(&world, &queue, &jobs).await;

    world.redis_server().kill().unwrap();
    a_sentence(&world, &port.unready(SOON).await);
    tells_what_it_knows(&port).await;
    world.redis_server().restart().unwrap();
    port.ready().await;
    assert_eq!(
        port.reaches("kyc_queue_readable", 1.0)
            .await
            .value("kyc_queue_workers"),
        1.0
    );

    world.redis_server().pause().unwrap();
    a_sentence(&world, &port.unready(SOON).await);
    tells_what_it_knows(&port).await;
    world.redis_server().resume().unwrap();
    port.ready().await;
    assert_eq!(worker.terminate().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_reaches_redis_but_cannot_renew_its_leases_is_not_ready() {
    let world = World::new().await;
    let (_worker, port) = Port::worker(&world, "one", &[("lease", "1s")]).await;
    port.ready().await;
    let mut redis = world.redis().await;
    let mut set = redis::cmd("CONFIG");
    set.arg(&["SET", "min-replicas-to-write", "1"]);
    set.exec_async(&mut redis).await.unwrap();
    let why = port.unready(SOON).await;
    assert_eq!(why, "Leases cannot be renewed.");
    let mut set = redis::cmd("CONFIG");
    set.arg(&["SET", "min-replicas-to-write", "0"]);
    set.exec_async(&mut redis).await.unwrap();
    port.ready().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draining_worker_is_not_ready_and_says_so() {
    let world = slow(3_000).await;
    let queue = world.queue().await;
    let (mut worker, port) = Port::worker(&world, "one", &[]).await;
    let jobs = enqueue(&world, &queue, 1).await;
    arrived(&world, 1).await;
    worker.signal("TERM").await;
    assert_eq!(
        port.unready(SOON).await,
        "It is draining after a signal to stop."
    );
    let page = port.page().await;
    assert_eq!(page.value("kyc_worker_draining"), 1.0);
    assert_eq!(page.value("kyc_worker_leases"), 1.0);
    assert_eq!(port.ask("/healthz").await.0, 200);
    assert_eq!(worker.ended().await, 0);
    all_published_once(&world, &queue, &jobs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_probe_command_exits_by_the_answer_of_the_worker() {
    let mut world = World::new().await;
    let (mut worker, port) = Port::worker(&world, "one", &[("lease", "2s")]).await;
    port.ready().await;
    world.set(LISTEN.0, port.address());
    assert_eq!(world.run(["work", "--check"]).await.good(), "");
    world.redis_server().kill().unwrap();
    port.unready(SOON).await;
    let ran = world.run(["work", "--check"]).await;
    assert_eq!(ran.code, 1);
    assert!(ran.out.starts_with("not ready: "), "{}", ran.out);
    world.redis_server().restart().unwrap();
    port.ready().await;
    assert_eq!(worker.terminate().await, 0);
    let ran = world.run(["work", "--check"]).await;
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("no worker answers at KYC_PROBE_LISTEN"),
        "{}",
        ran.err
    );
    assert!(!ran.err.contains(port.address()), "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_in_use_is_named_and_workers_without_one_run_side_by_side() {
    let world = World::new().await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    for (address, remedy) in [
        ("9090", "write an address and a port"),
        (&taken.local_addr().unwrap().to_string(), "address in use"),
    ] {
        let ran = world.kyc(["work", "--set", &format!("probe_listen={address}")]);
        let ran = kyc_tests::Ran::of(&mut { ran }).await;
        assert_eq!(ran.code, 1);
        assert!(
            ran.err.contains("--set probe_listen is wrong") && ran.err.contains(remedy),
            "{}",
            ran.err
        );
    }
    let mut workers = [
        world.worker("one", &[]).await,
        world.worker("two", &[]).await,
    ];
    for worker in &mut workers {
        assert!(!worker.log().contains("Serving probes"));
        assert_eq!(worker.terminate().await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warning_comes_before_dead_jobs_are_dropped() {
    let world = World::new().await;
    let queue = world.queue().await;
    let settings = [("max_attempts", "1"), ("keep_dead", "20s"), ("lease", "1s")];
    let (worker, port) = Port::worker(&world, "one", &settings).await;
    let job = kyc_tests::Job::of_case("bvn", "021");
    let id = world.enqueue(&queue, &job).await;
    assert_eq!(world.end_of(&queue, id).await.state, kyc_queue::State::Dead);
    let warned = kyc_tests::eventually_within(LONG, "it warns", async || {
        let log = worker.log();
        let warned = log
            .lines()
            .find(|line| line.contains("Dead jobs will soon be dropped"));
        warned.map(str::to_owned)
    });
    let warned = warned.await;
    assert!(
        warned.contains("WARN") && warned.contains("jobs=1"),
        "{warned}"
    );
    port.reaches("kyc_dead_letters_dropped_total", 1.0).await;
    let log = worker.log();
    assert_eq!(log.matches("Dead jobs will soon be dropped").count(), 1);
    let (told, dropped) = (
        log.find("will soon be dropped"),
        log.find("Dropped dead jobs"),
    );
    assert!(told < dropped, "{log}");
    let stats: Value =
        serde_json::from_str(&world.run(["queue", "stats", "--json"]).await.good()).unwrap();
    assert!(stats.to_string().contains("\"dead\":0"), "{stats}");
}
