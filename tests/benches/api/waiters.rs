//! Many who wait at one server: long polls and streams of events. Jobs end one after another, and the time from the end of each
//! to those who wait for it is measured.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use kyc_tests::{World, eventually};
use serde_json::{Value, json};
use tokio::{sync::Barrier, task::JoinSet};

use crate::{
    connection::{Connection, get, post},
    server::{Server, key},
    times::Times,
};

/// Tenants, each with a key: a key has a bounded number of streams.
const TENANTS: usize = 10;
/// The pause between the ends of two jobs.
const PACE: Duration = Duration::from_millis(20);
/// The jobs begin this long after they are submitted, when all wait.
const HEAD_START: Duration = Duration::from_secs(20);

type Seen = Arc<Mutex<Times>>;

pub(crate) async fn measure(each: usize) {
    let world = World::new().await;
    let server = Server::api(&world, None).await;
    let mut keys = Vec::new();
    for nth in 0..TENANTS {
        keys.push(key(&world, &format!("tenant-{nth}")).await);
    }
    let at_rest = memory_mib(server.program.pid());
    let jobs = submit(&server, &keys, each).await;
    let (polled, streamed) = (Seen::default(), Seen::default());
    let open = Arc::new(Barrier::new(each + 1));
    let mut waiting = JoinSet::new();
    for nth in 0..each {
        let key = &keys[nth % TENANTS];
        let events = follow(&server, key, Arc::clone(&open), Arc::clone(&streamed));
        waiting.spawn(events.await);
    }
    for (nth, id) in jobs.into_iter().enumerate() {
        let key = &keys[nth % TENANTS];
        waiting.spawn(poll(&server, key, &id, Arc::clone(&polled)).await);
    }
    open.wait().await;
    let all_wait = memory_mib(server.program.pid());
    let subscriptions = subscriptions(&world).await;
    let worker = world.worker("worker", &[]).await;
    println!(
        "{each} long polls and {each} streams of events of {TENANTS} tenants wait at one server"
    );
    println!("memory: {at_rest:.1} MiB at rest, {all_wait:.1} MiB while all wait");
    println!("subscriptions of the server at Redis: {subscriptions}");
    let count = |seen: &Seen| seen.lock().unwrap_or_else(PoisonError::into_inner).0.len();
    let per_stream = each / TENANTS;
    eventually("all jobs end, and all are told", async || {
        let done = count(&polled) == each && count(&streamed) == each * per_stream;
        done.then_some(())
    })
    .await;
    println!(
        "memory: {:.1} MiB at the end; goal < 100",
        memory_mib(server.program.pid())
    );
    println!(
        "\n{:<26} {:>10} {:>9} {:>9} {:>9}",
        "from the end to", "told", "p50 ms", "p99 ms", "longest"
    );
    for (what, seen) in [("long polls", &polled), ("streams of events", &streamed)] {
        let seen = seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        println!(
            "{what:<26} {:>10} {:>9.1} {:>9.1} {:>9.1}",
            seen.0.len(),
            seen.quantile(0.5),
            seen.quantile(0.99),
            seen.quantile(1.0)
        );
    }
    println!("goal: p99 < 50 ms; times are counted in whole milliseconds of Redis' clock");
    waiting.abort_all();
    drop(worker);
}

/// Submits jobs that begin one after another, once all wait. Returns their ids.
async fn submit(server: &Server, keys: &[String], count: usize) -> Vec<String> {
    let mut connection = Connection::open(&server.address).await;
    let begin = Timestamp::now() + HEAD_START;
    let mut ids = Vec::new();
    for nth in 0..count {
        let not_before = begin + PACE * u32::try_from(nth).expect("few jobs");
        let body = json!({ "kind": "bvn", "bvn": format!("222{nth:05}000"), "not_before": not_before.to_string() });
        let key = &keys[nth % keys.len()];
        let request = post("/v1/verifications", key, "", &body.to_string());
        connection.send(&request).await;
        let (status, body) = connection.answer().await;
        assert_eq!(status, 202, "{body}");
        let body: Value = serde_json::from_str(&body).expect("JSON");
        ids.push(body["id"].as_str().expect("an id").to_owned());
    }
    ids
}

/// Opens a stream of events. Returns the reading of it.
async fn follow(
    server: &Server,
    key: &str,
    open: Arc<Barrier>,
    seen: Seen,
) -> impl Future<Output = ()> + Send + use<> {
    let mut connection = Connection::open(&server.address).await;
    connection.send(&get("/v1/events", key)).await;
    connection.until(b"retry: 2000\n").await;
    async move {
        open.wait().await;
        loop {
            connection.until(b"\ndata: ").await;
            let data = connection.until(b"\n").await;
            note(&data, &seen);
        }
    }
}

/// Sends a long poll. Returns the waiting for its answer, and for that of the next as long as the job has not ended.
async fn poll(
    server: &Server,
    key: &str,
    id: &str,
    seen: Seen,
) -> impl Future<Output = ()> + Send + use<> {
    let mut connection = Connection::open(&server.address).await;
    let request = get(&format!("/v1/verifications/{id}?wait=60s"), key);
    connection.send(&request).await;
    async move {
        loop {
            let (status, body) = connection.answer().await;
            assert_eq!(status, 200, "{body}");
            if body.contains("\"finished_at\"") {
                return note(body.as_bytes(), &seen);
            }
            connection.send(&request).await;
        }
    }
}

/// Notes how long ago a verification ended.
fn note(json: &[u8], seen: &Seen) {
    let now = Timestamp::now();
    let view: Value = serde_json::from_slice(json).expect("JSON");
    let ended: Timestamp = view["finished_at"]
        .as_str()
        .and_then(|time| time.parse().ok())
        .unwrap_or_else(|| panic!("it has ended: {view}"));
    let ms = (now.as_microsecond() - ended.as_microsecond()) as f64 / 1e3;
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    seen.0.push(ms);
}

async fn subscriptions(world: &World) -> usize {
    let list: String = redis::cmd("CLIENT")
        .arg(&["LIST", "TYPE", "PUBSUB"])
        .query_async(&mut world.redis().await)
        .await
        .expect("Redis answers");
    list.lines().count()
}

/// Returns the resident memory of a process.
fn memory_mib(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|text| text.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kib.unwrap_or_default() / 1024.0
}
