//! Queues on a Redis Cluster of three nodes. All keys of a queue are in one slot, so one queue is bound by the core of one
//! node. A second queue, with another `namespace`, may be on another node.

use std::time::{Duration, Instant};

use kyc_queue::Queue;
use kyc_sandbox::redis::{Options, PrivateCluster, PrivateRedis};
use kyc_tests::Usage;
use kyc_vault::Keyring;

use crate::shared::{
    fleet::Fleet,
    jobs::Job,
    noop::Settings,
    stage::{PATIENCE, fill},
};

const NODES: usize = 3;
/// The number of worker processes: of one queue, or of both together.
const PROCESSES: usize = 2;
/// The jobs of all queues together: before the window, in it, and after it.
const WARM_UP: usize = 20_000;
const WINDOW: usize = 80_000;
const MARGIN: usize = 20_000;

/// Measures one queue, and then two, with the same number of jobs and of worker processes.
pub(crate) async fn measure(concurrency: usize) {
    for queues in [1, 2] {
        let options = Options {
            binary: kyc_tests::redis_program(),
            append_only: false,
            ..Options::default()
        };
        let cluster = PrivateCluster::start(NODES, &options).expect("three nodes of Redis 7");
        one(&cluster, queues, concurrency).await;
    }
}

async fn one(cluster: &PrivateCluster, number: usize, concurrency: usize) {
    let settings = on_different_nodes(cluster, number, concurrency).await;
    let mut queues = Vec::new();
    for (nth, each) in settings.iter().enumerate() {
        let share = (WARM_UP + WINDOW + MARGIN) / number;
        fill(each.clone(), nth * share..(nth + 1) * share, Job::Plain).await;
        queues.push(each.connect().await);
    }
    let fleets: Vec<Fleet> = settings
        .iter()
        .map(|each| Fleet::start(PROCESSES / number, each))
        .collect();
    let nodes: Vec<u32> = cluster.nodes().iter().map(PrivateRedis::pid).collect();
    let first = until(&queues, WARM_UP).await;
    let (before, started) = (Usage::of(&nodes), Instant::now());
    let last = until(&queues, WARM_UP + WINDOW).await;
    let (after, seconds) = (Usage::of(&nodes), started.elapsed().as_secs_f64());
    fleets.into_iter().for_each(Fleet::stop);

    let jobs = (last - first) as f64;
    let micros: Vec<f64> = (0..NODES)
        .map(|node| after.cpu_micros_since(&before, node))
        .collect();
    let busy: Vec<String> = micros
        .iter()
        .map(|micros| format!("{:.0} %", micros / seconds / 10_000.0))
        .collect();
    println!(
        "{number} queue(s), {PROCESSES} processes: {:>7.0} jobs/s; Redis {:.1} us per job; cores that the nodes use: {}",
        jobs / seconds,
        micros.iter().sum::<f64>() / jobs,
        busy.join(", ")
    );
}

/// Returns the settings of queues that are on different nodes.
async fn on_different_nodes(
    cluster: &PrivateCluster,
    number: usize,
    concurrency: usize,
) -> Vec<Settings> {
    let keys = Keyring::generate("bench").expect("a key");
    let mut taken = Vec::new();
    let mut all = Vec::new();
    for nth in 0.. {
        if all.len() == number {
            break;
        }
        let namespace = format!("kyc-{nth}");
        let node = owner(cluster, &namespace).await;
        if taken.contains(&node) {
            continue;
        }
        taken.push(node);
        all.push(Settings {
            redis_url: cluster.nodes()[0].url(),
            name: format!("bench-{nth}"),
            namespace,
            keys: keys.clone(),
            concurrency,
            keep_completed: None,
            record: None,
        });
    }
    all
}

/// Returns the number of the node that serves a queue. Each node has an equal share of the slots.
async fn owner(cluster: &PrivateCluster, namespace: &str) -> usize {
    let client = redis::Client::open(cluster.nodes()[0].url()).expect("an address");
    let mut connection = client
        .get_multiplexed_async_connection()
        .await
        .expect("the private node answers");
    let slot: usize = redis::cmd("CLUSTER")
        .arg("KEYSLOT")
        .arg(format!("{{{namespace}}}"))
        .query_async(&mut connection)
        .await
        .expect("a cluster");
    let share = |node: &usize| slot >= node * 16_384 / NODES;
    (0..NODES).rfind(share).unwrap_or_default()
}

/// Waits until the queues have completed `jobs` jobs together, and returns the number of completed jobs.
async fn until(queues: &[Queue], jobs: usize) -> u64 {
    let patience = Instant::now() + PATIENCE;
    loop {
        let mut completed = 0;
        for queue in queues {
            let depths = queue
                .depths(&[])
                .await
                .expect("the private cluster answers");
            completed += depths.completed;
        }
        if completed >= jobs as u64 {
            return completed;
        }
        assert!(Instant::now() < patience, "the workers come to no end");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
