//! Key records in a Redis of their own: on all ways of a job, erased, and out of reach.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use kyc_domain::{Class, Failure, Sealed, VerificationId};
use kyc_kinds::{Rules, parse};
use kyc_queue::{EnqueueError, Error, Inbox, Leave, Reuse, State, WorkerConfig};
use redis::AsyncCommands as _;
use serde_json::json;

use crate::{
    leases::SHORT,
    reuse::{Provider, same},
    support::{
        Case, connected, eventually, failed, field, handler, key_of, opened, opening, request,
        start, stored, with_store, worker,
    },
};

fn short(name: &str) -> WorkerConfig {
    WorkerConfig {
        lease: SHORT,
        ..worker(name)
    }
}

async fn gone(case: &Case, id: VerificationId) {
    eventually("it is deleted", async || {
        case.queue.look(id).await.unwrap().is_none().then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_keeps_the_name_of_its_key_record_and_the_store_the_record() {
    let (case, store) = with_store(|_| ()).await;
    let jobs: Vec<_> = (0..70).map(|nth| request("bvn", nth, json!({}))).collect();
    let mut ids = Vec::new();
    for accepted in case.queue.enqueue_all(&jobs).await {
        ids.push(accepted.unwrap().id);
    }
    let mut raw = connected(&store).await;
    for id in &ids {
        let (name, record) = (field(&case, *id).await, raw.get(key_of(*id)).await.unwrap());
        let record: Vec<u8> = record;
        assert!(kyc_vault::is_record_name(&name));
        assert_eq!(kyc_vault::record_name(&record), Some(&name[..]));
        assert!(record.len() > name.len() + 64);
    }
    let one = start(&case.queue, worker("one"), opened(&case.queue));
    for id in &ids {
        assert!(case.completed(*id).await.outcome.is_some());
    }
    one.stop().await;
    let id = ids[0];
    assert!(case.queue.request(id).await.unwrap().is_some());
    assert!(case.queue.data_key(id).await.unwrap().is_some());
    let mut completed = case
        .queue
        .completed_within(Duration::from_secs(3600))
        .await
        .unwrap();
    let page = completed.next(100).await.unwrap().unwrap();
    assert_eq!(page.stored.len(), 70);
    for each in &page.stored {
        case.queue.reopen(each).unwrap();
    }
    assert_eq!(case.queue.discard(&[id]).await.unwrap(), 1);
    assert_eq!(stored(&store).await.len(), 69);
    assert!(!stored(&store).await.contains(&key_of(id)));
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_not_accepted_leaves_no_key_record() {
    let (case, store) = with_store(|_| ()).await;
    let job = |nth| request("bvn", nth, json!({"idempotency_key": "loan-1"}));
    let first = case.enqueue(&job(1)).await;
    assert!(case.enqueue(&job(1)).await.existing);
    let conflict = case.queue.enqueue(&job(2)).await;
    assert!(matches!(conflict, Err(EnqueueError::Conflict { .. })));
    assert_eq!(stored(&store).await, [key_of(first.id)]);
    // Jobs that have not ended keep their records.
    assert_eq!(case.queue.discard(&[first.id]).await.unwrap(), 0);
    assert_eq!(stored(&store).await, [key_of(first.id)]);
    case.queue.cancel(first.id).await.unwrap();
    assert_eq!(case.queue.discard(&[first.id]).await.unwrap(), 1);
    assert!(stored(&store).await.is_empty());
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_kept_until_its_key_record_is_deleted() {
    let brief = Duration::from_millis(300);
    let (case, mut store) = with_store(|config| {
        config.keep_completed = brief;
        config.keep_dead = brief;
    })
    .await;
    let id = case.enqueue(&request("bvn", 1, json!({}))).await.id;
    case.queue.cancel(id).await.unwrap();
    store.kill().unwrap();
    let refused = case.queue.discard(&[id]).await;
    assert!(matches!(refused, Err(Error::KeyRecords(_))), "{refused:?}");
    let one = start(&case.queue, short("one"), opened(&case.queue));
    // It is retained for 300 ms and looked at several times a second.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(case.queue.look_at(&[id]).await.unwrap().len(), 1);
    store.restart().unwrap();
    gone(&case, id).await;
    assert!(stored(&store).await.is_empty());
    one.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cached_answer_opens_with_the_key_record_of_the_other_job_and_not_without() {
    let hour = Duration::from_secs(3600);
    let reuse = Reuse::default().with("bvn", None, hour);
    let (case, store) = with_store(|config| config.reuse = reuse).await;
    let provider = Provider::new();
    let one = start(&case.queue, worker("one"), provider.handler(&case.queue));
    let mut ids = Vec::new();
    for _ in 0..2 {
        let id = case.enqueue(&same(json!({}))).await.id;
        case.completed(id).await;
        ids.push(id);
    }
    assert_eq!((provider.asked(), provider.reused.load(SeqCst)), (1, 1));
    for id in &ids {
        let _: usize = connected(&store).await.del(key_of(*id)).await.unwrap();
    }
    let third = case.enqueue(&same(json!({}))).await.id;
    assert!(case.completed(third).await.outcome.is_some());
    assert_eq!(provider.asked(), 2);
    one.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retained_answer_is_read_again_with_its_key_record() {
    let (case, _store) = with_store(|_| ()).await;
    let handle = opening(&case.queue, |key, leave| match leave {
        Leave::Reread(answer) => match key.open("answer", answer) {
            Ok(opened) if &opened.bytes[..] == b"paid for" => Ok(()),
            _ => Err(failed(Class::Hopeless)),
        },
        _ => {
            let sealed = key.seal("answer", "text/plain", b"paid for");
            Err(failed(Class::Unreadable).keeping(Sealed::new(sealed)))
        }
    });
    let one = start(&case.queue, worker("one"), handle);
    let id = case.enqueue(&request("bvn", 1, json!({}))).await.id;
    case.dead(id).await;
    let kept = case.queue.retained_answer(id).await.unwrap().unwrap();
    assert_eq!(&kept[..], b"paid for");
    assert_eq!(case.queue.reread(&[id]).await.unwrap(), 1);
    eventually("it is completed", async || {
        (case.look(id).await.state == State::Completed).then_some(())
    })
    .await;
    one.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_job_is_dead_and_an_erased_outcome_is_not_shown() {
    let (case, store) = with_store(|_| ()).await;
    let one = start(&case.queue, worker("one"), opened(&case.queue));
    let completed = case.enqueue(&request("bvn", 1, json!({}))).await.id;
    assert!(case.completed(completed).await.outcome.is_some());
    one.stop().await;
    let waiting = case.enqueue(&request("bvn", 2, json!({}))).await.id;
    let mut raw = connected(&store).await;
    for id in [completed, waiting] {
        let _: usize = raw.del(key_of(id)).await.unwrap();
    }
    let two = start(&case.queue, worker("two"), opened(&case.queue));
    let dead = case.dead(waiting).await;
    assert_eq!(dead.code.as_deref(), Some("key_record_missing"));
    assert!(dead.erased);
    two.stop().await;
    let known = case.look(completed).await;
    assert_eq!((known.state, known.erased), (State::Completed, true));
    assert!(known.outcome.is_none() && known.verdict.is_none());
    for id in [completed, waiting] {
        let asked = case.queue.request(id).await;
        assert!(matches!(asked, Err(Error::Erased { .. })), "{asked:?}");
    }
    let error = case.queue.data_key(completed).await.err().unwrap();
    assert!(error.to_string().contains("was erased"), "{error}");
    case.done().await;
}

/// Also with jobs that have no key record beside them: that is how a job is erased without a store.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_key_record_was_deleted_beside_it_is_erased() {
    let case = Case::start().await;
    let id = case.enqueue(&request("bvn", 1, json!({}))).await.id;
    let job = case.key(&format!("job:{id}"));
    let _: usize = case.raw().await.hdel(job, "key").await.unwrap();
    let one = start(&case.queue, worker("one"), opened(&case.queue));
    let dead = case.dead(id).await;
    assert_eq!(dead.code.as_deref(), Some("key_record_missing"));
    assert!(dead.erased);
    one.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_store_is_away_jobs_wait_and_then_each_is_done_once() {
    const JOBS: usize = 150;
    let (case, mut store) = with_store(|_| ()).await;
    let second = case.another_queue().await;
    let calls = Arc::new(AtomicUsize::new(0));
    let handle = {
        let (calls, vault) = (Arc::clone(&calls), case.queue.vault().clone());
        handler(move |job| {
            let (calls, vault) = (Arc::clone(&calls), vault.clone());
            async move {
                let opened = job.open(&vault);
                opened.map_err(|_| Failure::new(Class::Hopeless, "wrong", "It does not open."))?;
                calls.fetch_add(1, SeqCst);
                tokio::time::sleep(Duration::from_millis(30)).await;
                Ok(crate::support::found(job.calls_before(), 0))
            }
        })
    };
    let workers = [
        start(&case.queue, short("one"), Arc::clone(&handle)),
        start(&second, short("two"), handle),
    ];
    let jobs: Vec<_> = (0..JOBS)
        .map(|nth| request("bvn", nth, json!({})))
        .collect();
    let accepted = case.queue.enqueue_all(&jobs).await.into_iter();
    let ids: Vec<VerificationId> = accepted.map(|accepted| accepted.unwrap().id).collect();
    let inbox = Inbox::new(case.queue.clone(), "reader", |job: &[u8]| {
        parse(job, Rules::default())
    });
    let reading = tokio::spawn(async move { inbox.run().await });
    eventually("work is under way", async || {
        (calls.load(SeqCst) >= 20).then_some(())
    })
    .await;
    store.kill().unwrap();
    // Nothing is accepted without a key record, and the inbox waits.
    let refused = case.queue.enqueue(&request("bvn", JOBS, json!({}))).await;
    assert!(matches!(
        refused,
        Err(EnqueueError::Queue(Error::KeyRecords(_)))
    ));
    let job = json!({"kind": "bvn", "bvn": crate::support::number(JOBS + 1)});
    case.queue.post(&job.to_string()).await.unwrap();
    eventually("it is said why jobs wait", async || {
        let waiting = case.queue.look_at(&ids).await.unwrap();
        let why = waiting.iter().filter_map(|job| job.waiting.as_ref());
        let mut why = why.map(|waiting| waiting.why.as_str());
        why.any(|why| why == "key_records").then_some(())
    })
    .await;
    let depths = case.depths().await;
    assert!(
        depths.completed < JOBS as u64 && depths.dead == 0,
        "{depths:?}"
    );
    store.restart().unwrap();
    eventually("all are done", async || {
        (case.depths().await.completed == JOBS as u64 + 1).then_some(())
    })
    .await;
    assert_eq!(calls.load(SeqCst), JOBS + 1);
    for job in case.queue.look_at(&ids).await.unwrap() {
        assert_eq!((job.attempts, job.stalls, job.calls), (1, 0, 1), "{job:?}");
    }
    reading.abort();
    for worker in workers {
        worker.stop().await;
    }
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn old_key_records_without_a_job_are_swept() {
    let (case, store) = with_store(|_| ()).await;
    let old = |random: char| -> VerificationId {
        let text = format!("01J9ZQ3V5T8Y6K2M4N7P0R1S2{random}");
        text.parse().unwrap()
    };
    let (owner, orphan, known) = (old('A'), old('B'), old('C'));
    let young = VerificationId::generate();
    let (mut raw, mut records) = (case.raw().await, connected(&store).await);
    let _: () = raw.set(case.key("owner"), owner.to_string()).await.unwrap();
    let job = case.key(&format!("job:{known}"));
    let _: usize = raw.hset(&job, "header", "{}").await.unwrap();
    for id in [orphan, known, young] {
        let _: () = records.set(key_of(id), "record").await.unwrap();
    }
    assert_eq!(case.queue.sweep_key_records().await.unwrap(), 1);
    assert_eq!(stored(&store).await, [key_of(known), key_of(young)]);
    // Once a day, and not what another queue owns.
    assert_eq!(case.queue.sweep_key_records().await.unwrap(), 0);
    let turn = case.key("turn:sweep-key-records");
    let _: usize = raw.del(&turn).await.unwrap();
    let owner = "{kyc}:key-records-owner";
    let _: () = records.set(owner, old('D').to_string()).await.unwrap();
    let refused = case.queue.sweep_key_records().await;
    assert!(matches!(refused, Err(Error::KeyRecords(_))), "{refused:?}");
}
