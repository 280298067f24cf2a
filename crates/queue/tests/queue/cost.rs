//! What a job costs Redis, in commands and bytes: counted, so that no other load of the machine changes it.

use std::sync::Arc;

use kyc_domain::Outcome;
use redis::aio::MultiplexedConnection;
use serde_json::json;
use tokio::sync::Barrier;

use crate::persons::record;
use crate::support::{Case, eventually, found, handler, request, start, worker_of};

/// One lease, and completions in few scripts.
const JOBS: usize = 128;

/// A number that `INFO` tells.
async fn number(redis: &mut MultiplexedConnection, section: &str, name: &str) -> f64 {
    let text: String = redis::cmd("INFO")
        .arg(section)
        .query_async(redis)
        .await
        .unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap()
        .trim_start_matches(':')
        .trim()
        .parse()
        .unwrap()
}

/// Commands so far, those of scripts among them.
async fn commands(redis: &mut MultiplexedConnection) -> f64 {
    let text: String = redis::cmd("INFO")
        .arg("commandstats")
        .query_async(redis)
        .await
        .unwrap();
    let calls = text.lines().filter_map(|line| {
        let calls = line.split_once("calls=")?.1.split(',').next()?;
        calls.parse::<f64>().ok()
    });
    calls.sum()
}

/// What each job costs from its lease to its end, with this outcome.
#[expect(clippy::print_stdout, reason = "the test shows its figures")]
async fn of_a_job(outcome: fn() -> Outcome) -> (f64, f64) {
    let case = Case::start().await;
    let jobs: Vec<_> = (0..JOBS)
        .map(|nth| request("bvn", nth, json!({})))
        .collect();
    for job in case.queue.enqueue_all(&jobs).await {
        job.unwrap();
    }
    let all = Arc::new(Barrier::new(JOBS));
    let together = handler(move |_| {
        let all = Arc::clone(&all);
        async move {
            all.wait().await;
            Ok(outcome())
        }
    });
    let mut raw = case.raw().await;
    let (before, sent) = (
        commands(&mut raw).await,
        number(&mut raw, "stats", "total_net_input_bytes").await,
    );
    let worker = start(&case.queue, worker_of("one", JOBS, &["bvn"]), together);
    eventually("all are completed", async || {
        (number_of_completed(&case).await == JOBS).then_some(())
    })
    .await;
    let jobs = JOBS as f64;
    let a_job = (commands(&mut raw).await - before) / jobs;
    let bytes = (number(&mut raw, "stats", "total_net_input_bytes").await - sent) / jobs;
    println!("{a_job:.2} commands and {bytes:.0} bytes a job");
    worker.stop().await;
    case.done().await;
    (a_job, bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_and_bytes_of_a_job() {
    let (a_job, bytes) = of_a_job(|| found(0, 0)).await;
    // Three of its own (read, stored, published), and its part of what a batch needs, looks of this test among it.
    assert!(a_job <= 7.0, "{a_job:.2} commands a job");
    assert!(bytes <= 1_150.0, "{bytes:.0} bytes a job");
}

/// A record with four numbers that its request does not have: each of them is indexed.
#[tokio::test(flavor = "multi_thread")]
async fn commands_and_bytes_of_a_job_with_a_record() {
    let (a_job, bytes) = of_a_job(record).await;
    // One more for each number.
    assert!(a_job <= 11.0, "{a_job:.2} commands a job");
    assert!(bytes <= 1_350.0, "{bytes:.0} bytes a job");
}

async fn number_of_completed(case: &Case) -> usize {
    usize::try_from(case.depths().await.completed).unwrap()
}
