//! Three thousand jobs through two workers: each is done once, and no script is long.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde_json::json;

use crate::support::{Case, eventually, found, handler, request, start, worker_of};

#[tokio::test(flavor = "multi_thread")]
async fn three_thousand_jobs_are_done_once_each_and_no_script_is_long() {
    const JOBS: usize = 3000;
    let case = Case::start().await;
    let second = case.another_queue().await;
    let mut raw = case.raw().await;
    for setting in [
        ["slowlog-log-slower-than", "1000"],
        ["slowlog-max-len", "1000"],
    ] {
        let _: () = redis::cmd("CONFIG")
            .arg("SET")
            .arg(&setting)
            .query_async(&mut raw)
            .await
            .unwrap();
    }
    let seen = Arc::new(Mutex::new(HashMap::new()));
    let counting = {
        let seen = Arc::clone(&seen);
        handler(move |job| {
            *seen.lock().unwrap().entry(job.id()).or_insert(0) += 1;
            async { Ok(found(0, 0)) }
        })
    };
    let jobs: Vec<_> = (0..JOBS)
        .map(|nth| request(["bvn", "nin"][nth % 2], nth, json!({})))
        .collect();
    let started = Instant::now();
    for accepted in case.queue.enqueue_all(&jobs).await {
        accepted.unwrap();
    }
    let enqueued = started.elapsed();
    let workers = [
        start(
            &case.queue,
            worker_of("one", 64, &["bvn", "nin"]),
            Arc::clone(&counting),
        ),
        start(&second, worker_of("two", 64, &["bvn", "nin"]), counting),
    ];
    eventually("all are done", async || {
        (case.depths().await.completed == JOBS as u64).then_some(())
    })
    .await;
    println!(
        "{JOBS} jobs: accepted in {enqueued:?}, all done after {:?}",
        started.elapsed()
    );
    for worker in workers {
        worker.stop().await;
    }
    let runs = seen.lock().unwrap().clone();
    assert!(runs.len() == JOBS && runs.values().all(|runs| *runs == 1));
    case.done().await;
    let slow: Vec<Vec<redis::Value>> = redis::cmd("SLOWLOG")
        .arg("GET")
        .arg(-1)
        .query_async(&mut raw)
        .await
        .unwrap();
    let slowest = slow.iter().filter_map(|entry| match entry[2] {
        redis::Value::Int(micros) => Some(micros),
        _ => None,
    });
    let slowest = Duration::from_micros(slowest.max().unwrap_or_default().try_into().unwrap());
    println!(
        "{} commands took more than 1 ms, the longest {slowest:?}",
        slow.len()
    );
    assert!(slowest < Duration::from_millis(50), "{slowest:?}");
}
