//! The whole service on a Redis Cluster and on Redis with Sentinel.

use kyc_sandbox::redis::{Options, PrivateCluster, PrivateRedis, PrivateSentinel};
use kyc_tests::{LONG, World, eventually, redis_program};
use serde_json::Value;

fn options() -> Options {
    Options {
        binary: redis_program(),
        ..Options::default()
    }
}

/// Enqueues a job, runs a worker and reads the result at that address.
async fn serves(url: &str) {
    let mut world = World::new().await;
    world.set("redis_url", url);
    let mut worker = world.worker("worker", &[]).await;
    let id = world.run(["enqueue", "bvn", "22200000000"]).await.good();
    completed(&world, id.trim()).await;
    let published = world.run(["results", "--json"]).await.good();
    assert_eq!(published.lines().count(), 1, "{published}");
    assert!(published.contains(id.trim()), "{published}");
    assert_eq!(worker.terminate().await, 0, "{}", worker.log());
}

async fn completed(world: &World, id: &str) {
    let result = world.run(["result", id, "--wait", "--json"]).await;
    let result: Value = serde_json::from_str(&result.good()).unwrap();
    assert_eq!(
        (&result["state"], &result["verdict"]),
        (&"completed".into(), &"found".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_works_through_any_of_its_nodes() {
    let cluster = PrivateCluster::start(3, &options()).unwrap();
    let hosts: Vec<String> = cluster
        .nodes()
        .iter()
        .map(|node| format!("127.0.0.1:{}", node.port()))
        .collect();
    serves(&format!("redis://{}", hosts.join(","))).await;
}

/// Waits until all writes have reached the replica. `WAIT` refers to the last write of its connection.
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
async fn no_accepted_job_is_lost_when_the_master_dies() {
    let mut master = PrivateRedis::start(options()).unwrap();
    let _replica = PrivateRedis::start(Options {
        replica_of: Some(master.port()),
        ..options()
    })
    .unwrap();
    let sentinel = PrivateSentinel::start(&options(), "mine", master.port()).unwrap();
    eventually("Sentinel knows both", async || {
        sentinel.knows_a_replica().then_some(())
    })
    .await;
    let url = format!("redis+sentinel://127.0.0.1:{}/mine", sentinel.port());
    let mut world = World::new().await;
    world.set("redis_url", &url);
    let id = world.run(["enqueue", "bvn", "22200000000"]).await.good();
    replicated(&master).await;
    // An idle client finds the new master only when it sends a command.
    let mut worker = world.worker("worker", &[("kinds", "nin")]).await;
    master.kill().unwrap();
    eventually("another master is found", async || {
        (world.run(["queue", "stats"]).await.code == 0).then_some(())
    })
    .await;
    let later = world.run(["enqueue", "nin", "12345678000"]).await.good();
    completed(&world, later.trim()).await;
    assert_eq!(worker.terminate().await, 0, "{}", worker.log());
    let mut worker = world.worker("next", &[]).await;
    completed(&world, id.trim()).await;
    assert_eq!(worker.terminate().await, 0, "{}", worker.log());
}
