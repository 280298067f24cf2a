//! The queue in a real Redis Cluster, whose slots move and whose nodes die.

use std::{sync::Arc, time::Duration};

use kyc_domain::{Class, Policy};
use kyc_kinds::{Rules, parse};
use kyc_queue::{Config, Inbox, Queue, Setup, State};
use kyc_sandbox::redis::{Options, PrivateCluster, PrivateRedis};
use kyc_vault::Keyring;
use serde_json::json;

use crate::support::{
    KINDS, LONG, Moving, binary, command, connect, eventually, failed, found, handler, number,
    policy, request, start, start_with, transient, worker,
};

fn cluster() -> PrivateCluster {
    let options = Options {
        binary: binary(),
        ..Options::default()
    };
    PrivateCluster::start(3, &options).unwrap()
}

/// The number of the node that has the queue's slot.
async fn owner(cluster: &PrivateCluster) -> (usize, u16) {
    let nodes = cluster.nodes();
    let slot: u16 = command(&nodes[0], &["CLUSTER", "KEYSLOT", "{kyc}"]).await;
    // Each has the share of its number.
    let first = |nth: &usize| nth * 16384 / 3;
    let share = (0..3).rfind(|nth| usize::from(slot) >= first(nth)).unwrap();
    (share, slot)
}

/// The address of a node that does not have it.
async fn another(cluster: &PrivateCluster) -> String {
    let (owner, _) = owner(cluster).await;
    cluster.nodes()[(owner + 1) % 3].url()
}

async fn queue(cluster: &PrivateCluster) -> Queue {
    let keys = Keyring::generate("test").unwrap();
    connect(&Config::new(another(cluster).await), &keys).await
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_by_way_of_a_node_without_the_slot() {
    let cluster = cluster();
    let queue = queue(&cluster).await;
    assert_eq!(queue.setup().await.unwrap(), Setup::Cluster);

    // The first attempt of each fails.
    let retried = handler(|job| async move {
        match job.attempt() {
            1 => Err(transient()),
            _ => Ok(found(job.calls_before(), 0)),
        }
    });
    let at_work = start(&queue, worker("one"), retried);
    let mut results = queue.results("$").await.unwrap();
    let jobs: Vec<_> = (0..20).map(|nth| request("bvn", nth, json!({}))).collect();
    for accepted in queue.enqueue_all(&jobs).await {
        let known = queue.wait(accepted.unwrap().id, LONG).await.unwrap();
        let known = known.unwrap();
        assert_eq!((known.state, known.calls), (State::Completed, 2));
    }
    let mut published = 0;
    while published < jobs.len() {
        published += results.next().await.unwrap().len();
    }
    assert_eq!(published, jobs.len());
    inbox(&queue).await;
    at_work.stop().await;
    parked_and_resumed(&queue).await;
}

async fn inbox(queue: &Queue) {
    let door = Inbox::new(queue.clone(), "one", |job: &[u8]| {
        parse(job, Rules::default())
    });
    let reading = tokio::spawn(async move { door.run().await });
    let before = queue.depths(&KINDS).await.unwrap().completed;
    let good = json!({"kind": "bvn", "bvn": number(500)}).to_string();
    queue.post(&good).await.unwrap();
    queue.post("{}").await.unwrap();
    eventually("one is done, one is rejected", async || {
        let depths = queue.depths(&KINDS).await.unwrap();
        (depths.completed == before + 1 && depths.rejected == 1 && depths.inbox == 0).then_some(())
    })
    .await;
    reading.abort();
}

async fn parked_and_resumed(queue: &Queue) {
    let refused = handler(|job| async move {
        match job.calls_before() {
            0 => Err(failed(Class::Key)),
            calls => Ok(found(calls, 0)),
        }
    });
    let decide = policy(Policy::default(), Duration::from_millis(20));
    let grace = Duration::from_secs(5);
    let at_work = start_with(queue, worker("two"), refused, decide, grace);
    let id = queue
        .enqueue(&request("nin", 700, json!({})))
        .await
        .unwrap()
        .id;
    eventually("nin is parked", async || {
        queue.parked(&KINDS).await.unwrap().pop()
    })
    .await;
    queue.resume("nin").await.unwrap();
    let known = queue.wait(id, LONG).await.unwrap().unwrap();
    assert_eq!((known.state, known.attempts), (State::Completed, 1));
    at_work.stop().await;
}

/// Moves the slot as `redis-cli --cluster reshard` does, with a pause while it is on the way.
async fn move_slot(from: &PrivateRedis, to: &PrivateRedis, all: &[PrivateRedis], slot: u16) {
    let slot = slot.to_string();
    let from_id: String = command(from, &["CLUSTER", "MYID"]).await;
    let to_id: String = command(to, &["CLUSTER", "MYID"]).await;
    let set = async |at: &PrivateRedis, words: &[&str]| {
        let words = [&["CLUSTER", "SETSLOT", &slot], words].concat();
        command::<()>(at, &words).await;
    };
    set(to, &["IMPORTING", &from_id]).await;
    set(from, &["MIGRATING", &to_id]).await;
    let port = to.port().to_string();
    loop {
        let keys: Vec<String> = command(from, &["CLUSTER", "GETKEYSINSLOT", &slot, "40"]).await;
        if keys.is_empty() {
            break;
        }
        let mut words = vec!["MIGRATE", "127.0.0.1", &port, "", "0", "5000", "KEYS"];
        words.extend(keys.iter().map(String::as_str));
        command::<()>(from, &words).await;
        // Workers, heartbeat and listeners ask meanwhile, and are sent from one to the other.
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    set(to, &["NODE", &to_id]).await;
    for node in all.iter().filter(|node| node.port() != to.port()) {
        set(node, &["NODE", &to_id]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_that_moves_amid_work_loses_nothing_and_doubles_nothing() {
    const JOBS: usize = 150;
    let cluster = cluster();
    let (owner, slot) = owner(&cluster).await;
    let mut moving = Moving::start(&another(&cluster).await, JOBS).await;
    let nodes = cluster.nodes();
    let (from, to) = (&nodes[owner], &nodes[(owner + 2) % 3]);
    move_slot(from, to, nodes, slot).await;
    assert!(moving.calls() < JOBS, "all was done before the slot moved");
    moving.followed().await;
    moving.all_is_well_again().await;
    // Nothing of the queue came to be on the others, and nothing stayed.
    for node in nodes {
        let keys: u32 = command(node, &["DBSIZE"]).await;
        assert_eq!(keys > 0, node.port() == to.port());
    }
}

/// Whatever the first question is: one command, several at once, or a transaction.
#[tokio::test(flavor = "multi_thread")]
async fn an_idle_connection_follows_its_slot() {
    let cluster = cluster();
    let (owner, slot) = owner(&cluster).await;
    let (config, keys) = (
        Config::new(another(&cluster).await),
        Keyring::generate("test").unwrap(),
    );
    let [look, depths, resume] = [
        connect(&config, &keys).await,
        connect(&config, &keys).await,
        connect(&config, &keys).await,
    ];
    let accepted = look.enqueue(&request("bvn", 1, json!({}))).await.unwrap();
    let nodes = cluster.nodes();
    move_slot(&nodes[owner], &nodes[(owner + 1) % 3], nodes, slot).await;
    assert!(look.look(accepted.id).await.is_err());
    assert!(depths.parked(&KINDS).await.is_err());
    assert!(resume.resume("bvn").await.is_err());
    // The next one goes to the right node at once.
    assert!(look.look(accepted.id).await.unwrap().is_some());
    assert!(depths.parked(&KINDS).await.unwrap().is_empty());
    resume.resume("bvn").await.unwrap();
}

/// While a slot is on its way, a script would find none of its keys on the node that is to have it.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_done_on_the_node_to_which_the_slot_is_moving() {
    let cluster = cluster();
    let (owner, slot) = owner(&cluster).await;
    let queue = queue(&cluster).await;
    let (from, to) = (&cluster.nodes()[owner], &cluster.nodes()[(owner + 1) % 3]);
    let from_id: String = command(from, &["CLUSTER", "MYID"]).await;
    let to_id: String = command(to, &["CLUSTER", "MYID"]).await;
    let slot = slot.to_string();
    command::<()>(to, &["CLUSTER", "SETSLOT", &slot, "IMPORTING", &from_id]).await;
    command::<()>(from, &["CLUSTER", "SETSLOT", &slot, "MIGRATING", &to_id]).await;
    let job = request("bvn", 1, json!({}));
    for _ in 0..3 {
        let refused = queue.enqueue(&job).await.unwrap_err().to_string();
        assert!(refused.contains("ASK"), "{refused}");
    }
    let keys: u32 = command(to, &["DBSIZE"]).await;
    assert_eq!(keys, 0);
    // The move is called off.
    command::<()>(to, &["CLUSTER", "SETSLOT", &slot, "STABLE"]).await;
    command::<()>(from, &["CLUSTER", "SETSLOT", &slot, "STABLE"]).await;
    queue.enqueue(&job).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_dies_is_followed_by_its_replica() {
    let mut cluster = cluster();
    let (owner, _) = owner(&cluster).await;
    cluster.add_replica(owner).unwrap();
    let moving = Moving::start(&another(&cluster).await, 400).await;
    cluster.node(owner).kill().unwrap();
    moving.all_is_well_again().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_addresses_one_that_lives_is_enough() {
    let mut cluster = cluster();
    let (owner, _) = owner(&cluster).await;
    let hosts: Vec<String> = (1..4)
        .map(|nth| format!("127.0.0.1:{}", cluster.nodes()[(owner + nth) % 3].port()))
        .collect();
    let dead = (owner + 1) % 3;
    // Without the slots of the dead one, too.
    for node in cluster.nodes() {
        let setting = "cluster-require-full-coverage";
        command::<()>(node, &["CONFIG", "SET", setting, "no"]).await;
    }
    cluster.node(dead).kill().unwrap();
    let config = Config::new(format!("redis://{}", hosts.join(",")));
    let queue = connect(&config, &Keyring::generate("test").unwrap()).await;
    let found = handler(|_| async { Ok(found(0, 0)) });
    let at_work = start(&queue, worker("one"), Arc::clone(&found));
    let id = queue
        .enqueue(&request("bvn", 1, json!({})))
        .await
        .unwrap()
        .id;
    let known = queue.wait(id, LONG).await.unwrap().unwrap();
    assert_eq!(known.state, State::Completed);
    at_work.stop().await;
}
