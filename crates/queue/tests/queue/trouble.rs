//! A Redis that restarts, hangs or is full.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use kyc_domain::VerificationId;
use kyc_sandbox::redis::Options;
use serde_json::json;

use crate::inbox::read;
use crate::leases::{SHORT, short};
use crate::support::{Case, Running, eventually, found, handler, number, request, start, worker};

const JOBS: usize = 150;

/// Two workers amid jobs of some milliseconds each.
async fn amid_work(case: &Case) -> (Vec<VerificationId>, [Running; 2], Arc<AtomicU32>) {
    let second = case.another_queue().await;
    let ended = Arc::new(AtomicU32::new(0));
    let slow = {
        let ended = Arc::clone(&ended);
        handler(move |job| {
            let ended = Arc::clone(&ended);
            async move {
                tokio::time::sleep(Duration::from_millis(30)).await;
                ended.fetch_add(1, SeqCst);
                Ok(found(job.calls_before(), job.unanswered_before()))
            }
        })
    };
    let jobs: Vec<_> = (0..JOBS)
        .map(|nth| request("bvn", nth, json!({})))
        .collect();
    let accepted = case.queue.enqueue_all(&jobs).await;
    let workers = [
        start(&case.queue, worker("one"), Arc::clone(&slow)),
        start(&second, worker("two"), slow),
    ];
    eventually("work is under way", async || {
        (ended.load(SeqCst) >= 20).then_some(())
    })
    .await;
    let ids = accepted
        .into_iter()
        .map(|accepted| accepted.unwrap().id)
        .collect();
    (ids, workers, ended)
}

/// The same workers do everything that is left, and are woken as before.
async fn all_is_well_again(case: &Case, ids: Vec<VerificationId>, workers: [Running; 2]) {
    let all = ids.len() as u64;
    eventually("all are done", async || {
        let depths = case.queue.depths(&["bvn"]).await.ok()?;
        (depths.completed == all).then_some(())
    })
    .await;
    assert!(workers.iter().all(Running::is_alive));
    case.done().await;
    // Both listen again.
    let raw = case.raw().await;
    eventually("two listen", async || {
        let (_, listeners): (String, usize) = redis::cmd("PUBSUB")
            .arg("NUMSUB")
            .arg(case.key("wake"))
            .query_async(&mut raw.clone())
            .await
            .ok()?;
        (listeners == 2).then_some(())
    })
    .await;
    let mut slowest = Duration::ZERO;
    for nth in 0..5 {
        let enqueued = Instant::now();
        let accepted = case.enqueue(&request("bvn", JOBS + nth, json!({}))).await;
        case.completed(accepted.id).await;
        slowest = slowest.max(enqueued.elapsed());
    }
    assert!(slowest < Duration::from_millis(800), "{slowest:?}");
    for worker in workers {
        worker.stop().await;
    }
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_redis_loses_nothing_and_doubles_nothing() {
    let options = Options {
        append_only: true,
        ..Options::default()
    };
    let mut case = Case::with(|_| (), options).await;
    let (ids, workers, _) = amid_work(&case).await;
    // What a crash could lose is what the last second wrote: here the loss of the connections is meant.
    let mut raw = case.raw().await;
    let _: () = redis::cmd("CONFIG")
        .arg(&["SET", "appendfsync", "always"])
        .query_async(&mut raw)
        .await
        .unwrap();
    case.redis.restart().unwrap();
    all_is_well_again(&case, ids, workers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_hangs_for_three_seconds_loses_nothing_and_doubles_nothing() {
    let case = Case::start().await;
    let (ids, workers, _) = amid_work(&case).await;
    case.redis.pause().unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(workers.iter().all(Running::is_alive));
    case.redis.resume().unwrap();
    all_is_well_again(&case, ids, workers).await;
}

/// A full Redis refuses new jobs; those that it has must still be done, or it stays full.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_redis_refuses_new_jobs_and_the_others_are_done() {
    let case = Case::start().await;
    let (ids, workers, _) = amid_work(&case).await;
    let mut raw = case.raw().await;
    let _: () = redis::cmd("CONFIG")
        .arg(&["SET", "maxmemory", "1"])
        .query_async(&mut raw)
        .await
        .unwrap();
    let refused = case.queue.enqueue(&request("nin", 1, json!({}))).await;
    assert!(refused.is_err(), "{refused:?}");
    eventually("all are done", async || {
        (case.depths().await.completed == ids.len() as u64).then_some(())
    })
    .await;
    let _: () = redis::cmd("CONFIG")
        .arg(&["SET", "maxmemory", "0"])
        .query_async(&mut raw)
        .await
        .unwrap();
    all_is_well_again(&case, ids, workers).await;
}

/// Otherwise the inbox would fill Redis above its limit.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_redis_leaves_jobs_in_the_inbox() {
    let case = Case::start().await;
    let raw = case.raw().await;
    let limit = async |bytes: &str| {
        let mut set = redis::cmd("CONFIG");
        set.arg(&["SET", "maxmemory", bytes]);
        set.exec_async(&mut case.raw().await).await.unwrap();
    };
    let reading = read(&case.queue, "reader");
    let job = |nth| json!({"kind": "bvn", "bvn": number(nth)}).to_string();
    case.queue.post(&job(1)).await.unwrap();
    eventually("the inbox is read", async || {
        (case.depths().await.ready.values().sum::<u64>() == 1).then_some(())
    })
    .await;
    // In one step, because a full Redis takes nothing into the inbox either.
    let mut fill = redis::pipe();
    fill.atomic();
    fill.cmd("CONFIG").arg(&["RESETSTAT"]).ignore();
    fill.cmd("XADD")
        .arg(case.key("inbox"))
        .arg(&["*", "job", &job(2)])
        .ignore();
    fill.cmd("CONFIG").arg(&["SET", "maxmemory", "1"]).ignore();
    fill.exec_async(&mut raw.clone()).await.unwrap();
    eventually("it was refused twice", async || {
        let told: String = redis::cmd("INFO")
            .arg("commandstats")
            .query_async(&mut raw.clone())
            .await
            .ok()?;
        // First its acceptance; then what a reader asks for when it begins anew.
        let lines = told.lines().filter(|line| {
            ["cmdstat_evalsha:", "cmdstat_xgroup"]
                .iter()
                .any(|command| line.starts_with(command))
        });
        let refused = lines
            .flat_map(|line| line.split(','))
            .filter_map(|field| field.split_once("_calls="))
            .filter_map(|(_, count)| count.parse::<u32>().ok());
        (refused.sum::<u32>() >= 2).then_some(())
    })
    .await;
    let depths = case.depths().await;
    assert_eq!((depths.inbox, depths.rejected), (1, 0), "{depths:?}");
    assert_eq!(depths.ready.values().sum::<u64>(), 1, "{depths:?}");
    limit("0").await;
    eventually("it is accepted", async || {
        let depths = case.depths().await;
        (depths.inbox == 0 && depths.ready.values().sum::<u64>() == 2).then_some(())
    })
    .await;
    reading.abort();
    let worker = start(
        &case.queue,
        worker("one"),
        handler(|_| async { Ok(found(0, 0)) }),
    );
    eventually("both are done", async || {
        (case.depths().await.completed == 2).then_some(())
    })
    .await;
    worker.stop().await;
    case.done().await;
}

/// Longer than a lease: then no worker could say that it lives, and none of them is to blame.
#[tokio::test(flavor = "multi_thread")]
async fn an_outage_longer_than_a_lease_takes_no_job_from_a_worker_that_lives() {
    let case = Case::start().await;
    let second = case.another_queue().await;
    let begun = Arc::new(AtomicU32::new(0));
    let slow = {
        let begun = Arc::clone(&begun);
        handler(move |job| {
            begun.fetch_add(1, SeqCst);
            async move {
                tokio::time::sleep(SHORT).await;
                Ok(found(job.calls_before(), job.unanswered_before()))
            }
        })
    };
    let jobs: Vec<_> = (0..16).map(|nth| request("bvn", nth, json!({}))).collect();
    let accepted = case.queue.enqueue_all(&jobs).await;
    let workers = [
        start(&case.queue, short("one"), Arc::clone(&slow)),
        start(&second, short("two"), slow),
    ];
    eventually("all are under way", async || {
        (begun.load(SeqCst) == 16).then_some(())
    })
    .await;
    case.redis.pause().unwrap();
    tokio::time::sleep(SHORT * 3).await;
    case.redis.resume().unwrap();
    for accepted in accepted {
        let done = case.completed(accepted.unwrap().id).await;
        assert_eq!((done.stalls, done.calls, done.attempts), (0, 1, 1));
    }
    assert_eq!(begun.load(SeqCst), 16, "no call was made twice");
    for worker in workers {
        worker.stop().await;
    }
    case.done().await;
}
