//! A master that is demoted, and one that dies under Sentinel's eyes.

use std::time::Duration;

use kyc_queue::{Config, Queue, Setup};
use kyc_sandbox::redis::{Options, PrivateRedis, PrivateSentinel};
use kyc_vault::{Keyring, Vault};
use serde_json::json;

use crate::support::{KINDS, LONG, Moving, binary, command, connect, eventually, request};

fn server(replica_of: Option<&PrivateRedis>) -> PrivateRedis {
    PrivateRedis::start(Options {
        binary: binary(),
        replica_of: replica_of.map(PrivateRedis::port),
        ..Options::default()
    })
    .unwrap()
}

async fn in_sync(replica: &PrivateRedis) {
    eventually("the replica is in sync", async || {
        let info: String = command(replica, &["INFO", "replication"]).await;
        info.contains("master_link_status:up").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demoted_master_leads_to_the_new_one() {
    let old = server(None);
    let new = server(Some(&old));
    in_sync(&new).await;
    let mut moving = Moving::start(&old.url(), 150).await;
    assert_eq!(moving.queue.setup().await.unwrap(), Setup::Single);
    // As an orderly failover does: what was written reaches the replica first.
    command::<()>(&old, &["CLIENT", "PAUSE", "10000", "WRITE"]).await;
    eventually("the replica has everything", async || {
        let old: String = command(&old, &["INFO", "replication"]).await;
        let new: String = command(&new, &["INFO", "replication"]).await;
        let offset = |info: &str, name: &str| {
            let line = info.lines().find(|line| line.starts_with(name));
            line.and_then(|line| line.split_once(':'))
                .map(|(_, offset)| offset.trim().to_owned())
        };
        let (written, read) = (
            offset(&old, "master_repl_offset:"),
            offset(&new, "slave_repl_offset:"),
        );
        (written == read).then_some(())
    })
    .await;
    command::<()>(&new, &["REPLICAOF", "NO", "ONE"]).await;
    let port = new.port().to_string();
    command::<()>(&old, &["REPLICAOF", "127.0.0.1", &port]).await;
    command::<()>(&old, &["CLIENT", "UNPAUSE"]).await;
    // The scripts are there no more, either.
    command::<()>(&new, &["SCRIPT", "FLUSH"]).await;
    moving.followed().await;
    moving.all_is_well_again().await;
    let role: Vec<redis::Value> = command(&old, &["ROLE"]).await;
    assert_eq!(role[0], redis::Value::BulkString(b"slave".to_vec()));
}

/// A master, its replica and a Sentinel that knows both, by the name `mine`.
async fn watched() -> (PrivateRedis, PrivateRedis, PrivateSentinel) {
    let master = server(None);
    let replica = server(Some(&master));
    in_sync(&replica).await;
    let options = Options {
        binary: binary(),
        ..Options::default()
    };
    let sentinel = PrivateSentinel::start(&options, "mine", master.port()).unwrap();
    eventually("Sentinel knows both", async || {
        sentinel.knows_a_replica().then_some(())
    })
    .await;
    (master, replica, sentinel)
}

/// What was accepted has reached the replica: `WAIT` goes by the last write of who asks.
async fn replicated(master: &PrivateRedis) {
    let client = redis::Client::open(master.url()).unwrap();
    let patient = redis::AsyncConnectionConfig::new().set_response_timeout(Some(LONG));
    let raw = client.get_multiplexed_async_connection_with_config(&patient);
    let mut write = redis::pipe();
    write.cmd("SET").arg(&["probe", "1"]).ignore();
    write.cmd("WAIT").arg(&[1, 20_000]);
    let (replicas,): (u8,) = write.query_async(&mut raw.await.unwrap()).await.unwrap();
    assert_eq!(replicas, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_master_that_sentinel_names_next_is_found() {
    let (mut master, _replica, sentinel) = watched().await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = nobody.local_addr().unwrap().port();
    drop(nobody);
    // The first Sentinel is dead.
    let url = format!(
        "redis+sentinel://127.0.0.1:{gone},127.0.0.1:{}/mine",
        sentinel.port()
    );
    let moving = Moving::start(&url, 400).await;
    assert_eq!(moving.queue.setup().await.unwrap(), Setup::Sentinel);
    replicated(&master).await;
    master.kill().unwrap();
    moving.all_is_well_again().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sentinel_and_the_master_have_users_of_their_own() {
    let (master, _replica, sentinel) = watched().await;
    let user = [
        "ACL", "SETUSER", "worker", "on", ">a/b", "~*", "&*", "+@all",
    ];
    command::<()>(&master, &user).await;
    let plain = redis::Client::open(format!("redis://127.0.0.1:{}", sentinel.port())).unwrap();
    let mut plain = plain.get_multiplexed_async_connection().await.unwrap();
    for words in [
        ["SETUSER", "looker", "reset", "on", ">c&d", "+@all"],
        ["SETUSER", "default", "reset", "on", ">other", "+@all"],
    ] {
        let mut set = redis::cmd("ACL");
        set.arg(&words).exec_async(&mut plain).await.unwrap();
    }
    let url = |more: &str| {
        let port = sentinel.port();
        format!("redis+sentinel://worker:a%2Fb@127.0.0.1:{port}/mine{more}")
    };
    let keys = Keyring::generate("test").unwrap();
    let vault = || Vault::new(Keyring::parse(&keys).unwrap());
    let refused = Queue::connect(Config::new(url("")), vault()).await;
    let refused = refused.err().unwrap().to_string();
    assert!(refused.contains("requires a password"), "{refused}");
    let both = url("?sentinel_username=looker&sentinel_password=c%26d");
    let queue = connect(&Config::new(both), &keys).await;
    queue.ping().await.unwrap();
    let clients: String = command(&master, &["CLIENT", "LIST"]).await;
    assert!(clients.contains("user=worker"), "{clients}");
}

/// No connection breaks: it is the silence that tells.
#[tokio::test(flavor = "multi_thread")]
async fn a_master_that_hangs_is_followed_by_the_next() {
    let (master, _replica, sentinel) = watched().await;
    let url = format!("redis+sentinel://127.0.0.1:{}/mine", sentinel.port());
    let moving = Moving::start(&url, 200).await;
    replicated(&master).await;
    master.pause().unwrap();
    moving.all_is_well_again().await;
}

/// Nobody takes over: what is asked meanwhile fails, soon, and goes on once the server is back.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_is_an_error_and_comes_back() {
    let mut server = server(None);
    let queue: Queue = connect(
        &Config::new(server.url()),
        &Keyring::generate("test").unwrap(),
    )
    .await;
    server.kill().unwrap();
    let job = request("bvn", 1, json!({}));
    for _ in 0..3 {
        let refused = tokio::time::timeout(Duration::from_secs(10), queue.enqueue(&job)).await;
        assert!(refused.unwrap().is_err());
    }
    server.restart().unwrap();
    eventually("a job is accepted again", async || {
        queue.enqueue(&job).await.ok()
    })
    .await;
    let depths = queue.depths(&KINDS).await.unwrap();
    assert_eq!(depths.ready["bvn"], 1);
}
