//! The results stream holds no more, and for no longer, than it should.

use std::{
    sync::Arc,
    sync::atomic::{AtomicBool, Ordering::SeqCst},
    time::Duration,
};

use kyc_domain::{Class, Reason, ReasonCode};
use kyc_queue::{Error, WorkerConfig};
use kyc_sandbox::redis::Options;
use redis::AsyncCommands as _;
use serde_json::json;

use crate::{
    leases::SHORT,
    support::{Case, KINDS, eventually, failed, found, handler, request, start, worker},
};

#[tokio::test(flavor = "multi_thread")]
async fn results_are_deleted_when_the_retention_of_completed_jobs_ends() {
    let brief = |config: &mut kyc_queue::Config| config.keep_completed = Duration::from_secs(1);
    let case = Case::with(brief, Options::default()).await;
    case.queue.add_tenant("acme").await.unwrap();
    let config = WorkerConfig {
        lease: SHORT,
        ..worker("one")
    };
    let ends = handler(|job| async move {
        if job.kind() == "bvn" {
            Ok(found(job.calls_before(), 0))
        } else {
            Err(failed(Class::Hopeless))
        }
    });
    let one = start(&case.queue, config, ends);
    // Within one node of the stream, which Redis would leave as a whole.
    for (nth, kind) in ["bvn", "nin"].into_iter().enumerate() {
        let job = request(kind, nth, json!({"tenant": "acme"}));
        let id = case.enqueue(&job).await.id;
        case.ended(id).await;
    }
    assert_eq!(case.published().await.len(), 2);
    assert!(length(&case, "results:acme").await > 0);
    for stream in ["results", "results:acme"] {
        eventually("the results are deleted", async || {
            (length(&case, stream).await == 0).then_some(())
        })
        .await;
    }
    one.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn results_of_a_removed_tenant_are_deleted_when_their_retention_ends() {
    let brief = |config: &mut kyc_queue::Config| config.keep_completed = Duration::from_secs(1);
    let case = Case::with(brief, Options::default()).await;
    for tenant in ["acme", "back"] {
        case.queue.add_tenant(tenant).await.unwrap();
        let id = case
            .enqueue(&request("bvn", 1, json!({"tenant": tenant})))
            .await
            .id;
        case.queue.cancel(id).await.unwrap();
        assert!(case.queue.remove_tenant(tenant).await.unwrap());
        assert!(!case.queue.remove_tenant(tenant).await.unwrap());
        assert_eq!(length(&case, &format!("results:{tenant}")).await, 1);
    }
    // Added anew before its results were deleted.
    assert!(case.queue.add_tenant("back").await.unwrap());
    let config = WorkerConfig {
        lease: SHORT,
        ..worker("one")
    };
    let one = start(&case.queue, config, handler(|_| async { Ok(found(0, 0)) }));
    let mut raw = case.raw().await;
    let keys = [case.key("results:acme"), case.key("removed-tenants")];
    eventually("the stream is deleted", async || {
        let left: usize = raw.clone().exists(&keys).await.unwrap();
        (left == 0).then_some(())
    })
    .await;
    eventually("the other is empty", async || {
        (length(&case, "results:back").await == 0).then_some(())
    })
    .await;
    let id = case
        .enqueue(&request("bvn", 2, json!({"tenant": "back"})))
        .await
        .id;
    case.completed(id).await;
    let tenants: Vec<String> = raw.smembers(case.key("tenants")).await.unwrap();
    assert_eq!(tenants, ["back"]);
    one.stop().await;
}

async fn length(case: &Case, stream: &str) -> usize {
    case.raw().await.xlen(case.key(stream)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discarded_job_leaves_no_result() {
    let case = Case::start().await;
    let is_well = Arc::new(AtomicBool::new(false));
    let one = start(&case.queue, worker("one"), {
        let is_well = Arc::clone(&is_well);
        handler(move |job| {
            let is_well = is_well.load(SeqCst);
            async move {
                if is_well {
                    Ok(found(job.calls_before(), 0))
                } else {
                    Err(failed(Class::Hopeless))
                }
            }
        })
    });
    // It dies, is retried by hand, and completes: it is published twice.
    let first = case.enqueue(&request("bvn", 1, json!({}))).await.id;
    case.dead(first).await;
    is_well.store(true, SeqCst);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(case.queue.retry(&[first]).await.unwrap(), 1);
    case.completed(first).await;
    let other = request("bvn", 2, json!({"reference": first.to_string()}));
    let other = case.enqueue(&other).await.id;
    case.completed(other).await;
    case.queue.add_tenant("acme").await.unwrap();
    let later = json!({"tenant": "acme", "not_before": soon()});
    let cancelled = case.enqueue(&request("bvn", 3, later)).await.id;
    case.queue.cancel(cancelled).await.unwrap();
    assert_eq!(case.published().await.len(), 4);
    assert_eq!(length(&case, "results:acme").await, 1);
    assert_eq!(case.queue.discard(&[first, cancelled]).await.unwrap(), 2);
    let left = case.published().await;
    let left: Vec<&str> = left.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(left, [other.to_string()], "only that of the other job");
    assert_eq!(length(&case, "results:acme").await, 0);
    one.stop().await;
    case.done().await;
}

/// The stream continues after its last entry, however far ahead of the clock that is.
#[tokio::test(flavor = "multi_thread")]
async fn a_discarded_job_leaves_no_result_where_the_clock_was_set_back() {
    let case = Case::start().await;
    let mut raw = case.raw().await;
    let ahead = jiff::Timestamp::now().as_millisecond() + 3_600_000;
    let mut add = redis::pipe();
    for nth in 0..600 {
        add.cmd("XADD").arg(case.key("results"));
        add.arg(format!("{ahead}-{nth}")).arg("result").arg("{}");
    }
    let _: Vec<String> = add.query_async(&mut raw).await.unwrap();
    let one = start(
        &case.queue,
        worker("one"),
        handler(|job| async move {
            if job.kind() == "bvn" {
                Ok(found(job.calls_before(), 0))
            } else {
                Err(failed(Class::Hopeless))
            }
        }),
    );
    let mut ids = Vec::new();
    for (nth, kind) in ["bvn", "nin"].into_iter().enumerate() {
        let id = case.enqueue(&request(kind, nth, json!({}))).await.id;
        case.ended(id).await;
        ids.push(id);
    }
    assert_eq!(length(&case, "results").await, 602);
    assert_eq!(case.queue.discard(&ids).await.unwrap(), 2);
    assert_eq!(length(&case, "results").await, 600);
    one.stop().await;
}

fn soon() -> String {
    (jiff::Timestamp::now() + Duration::from_secs(600)).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn reasons_that_the_subject_may_not_know_are_not_published() {
    let case = Case::start().await;
    let listed = handler(|job| async move {
        let mut outcome = found(job.calls_before(), 0);
        let codes = [ReasonCode::WatchListed, ReasonCode::NothingConfirmed];
        outcome.reasons = codes.map(Reason::from).to_vec();
        Ok(outcome)
    });
    let one = start(&case.queue, worker("one"), listed);
    let id = case.enqueue(&request("bvn", 1, json!({}))).await.id;
    let known = case.completed(id).await;
    let published = case.published().await;
    assert_eq!(published[0].reasons, ["nothing_confirmed"]);
    let reasons = known.outcome.unwrap().reasons;
    assert_eq!(reasons[0].code, "watch_listed", "the outcome has them all");
    one.stop().await;
    case.done().await;
}

async fn trim_to(case: &Case, length: usize) {
    let mut trim = redis::cmd("XTRIM");
    trim.arg(case.key("results")).arg("MAXLEN").arg(length);
    let _: usize = trim.query_async(&mut case.raw().await).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_of_results_is_told_once_that_the_stream_no_longer_goes_back_so_far() {
    let case = Case::start().await;
    assert_eq!(
        case.queue.gauges(&KINDS).await.unwrap().oldest.results,
        None
    );
    let early = case.queue.results("1-0").await.unwrap().next().await;
    assert!(early.unwrap().is_empty(), "nothing was published yet");
    for nth in 0..3 {
        let id = case.enqueue(&request("bvn", nth, json!({}))).await.id;
        case.queue.cancel(id).await.unwrap();
    }
    let entries: Vec<String> = case
        .published()
        .await
        .into_iter()
        .map(|entry| entry.entry)
        .collect();
    let [first, _, last] = &entries[..] else {
        panic!("three entries: {entries:?}");
    };
    let after = async |entry: &str| case.queue.results(entry).await.unwrap();
    // Before the first entry, and nothing was deleted.
    assert_eq!(after("1-0").await.next().await.unwrap().len(), 3);
    assert_eq!(after(first).await.next().await.unwrap().len(), 2);
    let gauges = case.queue.gauges(&KINDS).await.unwrap();
    assert!(gauges.oldest.results.is_some());

    trim_to(&case, 1).await;
    let mut reader = after(first).await;
    match reader.next().await {
        Err(Error::ResultsMissing { after, first: left }) => {
            assert_eq!((&after, &left), (first, last));
        }
        other => panic!("it is told: {other:?}"),
    }
    assert_eq!(reader.next().await.unwrap().len(), 1, "it is told once");
    for fine in ["0", last.as_str()] {
        assert!(after(fine).await.next().await.is_ok(), "{fine}");
    }
    trim_to(&case, 0).await;
    let gone = after(first).await.next().await.unwrap_err().to_string();
    assert!(
        gone.contains("begins with none") && gone.contains(first),
        "{gone}"
    );
    assert!(after(last).await.next().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_of_results_is_told_that_the_stream_was_trimmed_before_it() {
    let case = Case::start().await;
    let mut add = redis::pipe();
    for _ in 0..1100 {
        add.cmd("XADD")
            .arg(case.key("results"))
            .arg(&["*", "result", "{}"]);
    }
    let _: Vec<String> = add.query_async(&mut case.raw().await).await.unwrap();
    let mut reader = case.queue.results("0").await.unwrap();
    assert_eq!(reader.next().await.unwrap().len(), 500);
    trim_to(&case, 100).await;
    let missing = reader.next().await.unwrap_err();
    assert!(matches!(missing, Error::ResultsMissing { .. }), "{missing}");
    assert_eq!(reader.next().await.unwrap().len(), 100);
    // Up to date: what is trimmed now it has read.
    trim_to(&case, 0).await;
    assert!(reader.next().await.unwrap().is_empty());
}
