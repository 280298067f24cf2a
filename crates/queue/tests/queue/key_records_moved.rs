//! Key records that move: into a store, to another one, and back to their jobs; and other keys for them.

use std::collections::BTreeMap;

use kyc_domain::{Refusals, Request, VerificationId};
use kyc_kinds::{Rules, parse};
use kyc_queue::{Error, KeyRecords, Queue, Rewrapped};
use kyc_sandbox::redis::PrivateRedis;
use kyc_vault::{Keyring, is_record_name, record_name};
use redis::AsyncCommands as _;
use serde_json::json;

use crate::support::{
    Case, connect, connected, durable, eventually, field, key_of, opened, records_in, request,
    start, store_in, stored, with_store, worker,
};

fn read(job: &[u8]) -> Result<Request, Refusals> {
    parse(job, Rules::default())
}

async fn enqueued(queue: &Queue, from: usize, count: usize) -> Vec<VerificationId> {
    let jobs = from..from + count;
    let jobs: Vec<_> = jobs.map(|nth| request("bvn", nth, json!({}))).collect();
    let accepted = queue.enqueue_all(&jobs).await.into_iter();
    accepted.map(|accepted| accepted.unwrap().id).collect()
}

/// The queue of a case, with key records elsewhere.
async fn queue_with(case: &Case, records: KeyRecords) -> Queue {
    let (mut config, keys) = case.address();
    config.key_records = records;
    connect(&config, &keys).await
}

async fn all_completed(case: &Case, queue: &Queue, count: u64) {
    let one = start(queue, worker("one"), opened(queue));
    eventually("all are done", async || {
        (case.depths().await.completed == count).then_some(())
    })
    .await;
    one.stop().await;
}

fn moving(from: Option<&PrivateRedis>, to: Option<&PrivateRedis>) -> KeyRecords {
    KeyRecords {
        store: to.map(|server| store_in(server) as _),
        before: from.map(|server| store_in(server) as _),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn key_records_move_into_a_store_to_another_and_back() {
    const JOBS: usize = 5;
    let case = Case::start().await;
    let (a, b) = (durable(), durable());
    let mut nth = 0;
    let mut waiting: Vec<VerificationId> = Vec::new();
    let mut done = 0;
    for (from, to) in [
        (None, None),
        (None, Some(&a)),
        (Some(&a), Some(&b)),
        (Some(&b), None),
        (None, Some(&b)),
    ] {
        let queue = queue_with(&case, moving(from, to)).await;
        // Jobs of before open before anything is moved.
        for id in &waiting {
            assert!(queue.request(*id).await.unwrap().is_some());
        }
        let two = waiting.split_off(waiting.len().saturating_sub(2));
        let rest = waiting.len();
        let told = queue.rewrap(read, |_| ()).await.unwrap();
        let expected = Rewrapped {
            read: (rest + two.len()) as u64,
            moved: (rest + two.len()) as u64,
            ..Rewrapped::default()
        };
        assert_eq!(told, expected);
        waiting.extend(two);
        let again = queue.rewrap(read, |_| ()).await.unwrap();
        assert_eq!((again.moved, again.rewrapped), (0, 0));
        waiting.extend(enqueued(&queue, nth, JOBS).await);
        nth += JOBS;
        for (server, is_here) in [(&a, &a), (&b, &b)].map(|(server, known)| {
            let is_here = to.is_some_and(|to| to.port() == known.port());
            (server, is_here)
        }) {
            let count = if is_here { waiting.len() } else { 0 };
            assert_eq!(stored(server).await.len(), count);
        }
        for id in &waiting {
            assert_eq!(is_record_name(&field(&case, *id).await), to.is_some());
            assert!(queue.request(*id).await.unwrap().is_some());
        }
    }
    done += nth as u64;
    let queue = queue_with(&case, moving(None, Some(&b))).await;
    all_completed(&case, &queue, done).await;
    case.done().await;
}

/// A worker that was started after the change, and before anything was moved.
#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_before_the_change_complete_without_being_moved() {
    let case = Case::start().await;
    let (a, b) = (durable(), durable());
    enqueued(&case.queue, 0, 5).await;
    let first = queue_with(&case, moving(None, Some(&a))).await;
    enqueued(&first, 5, 5).await;
    let second = queue_with(&case, moving(Some(&a), Some(&b))).await;
    enqueued(&second, 10, 5).await;
    all_completed(&case, &second, 15).await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_without_the_store_gives_its_jobs_back_and_does_others() {
    let (case, store) = with_store(|_| ()).await;
    let in_store = enqueued(&case.queue, 0, 3).await;
    let without = queue_with(&case, KeyRecords::default()).await;
    enqueued(&without, 3, 3).await;
    let one = start(&without, worker("one"), opened(&without));
    eventually("the others are done", async || {
        (case.depths().await.completed == 3).then_some(())
    })
    .await;
    one.stop().await;
    for job in case.queue.look_at(&in_store).await.unwrap() {
        assert_eq!((job.attempts, job.stalls, job.calls), (0, 0, 0), "{job:?}");
    }
    case.queue.cancel(in_store[0]).await.unwrap();
    let refused = without.discard(&in_store[..1]).await;
    assert!(matches!(refused, Err(Error::KeyRecords(_))), "{refused:?}");
    assert_eq!(stored(&store).await.len(), 3);
    assert_eq!(case.queue.discard(&in_store[..1]).await.unwrap(), 1);
    all_completed(&case, &case.queue, 5).await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn key_records_in_a_store_are_wrapped_for_another_key() {
    let (case, store) = with_store(|_| ()).await;
    let ids = enqueued(&case.queue, 0, 6).await;
    let (config, keys) = case.address();
    let newer = Keyring::generate("newer").unwrap();
    let both = connect(&config, &format!("{newer},{keys}")).await;
    let mut raw = connected(&store).await;
    // One was erased, and one is not what it was.
    let _: usize = raw.del(key_of(ids[0])).await.unwrap();
    let _: () = raw.set(key_of(ids[1]), "damaged").await.unwrap();
    let told = both.rewrap(read, |_| ()).await.unwrap();
    assert_eq!((told.read, told.rewrapped, told.erased), (6, 4, 1));
    assert_eq!(told.unopened, BTreeMap::from([("?".to_owned(), 1)]));
    assert!(!stored(&store).await.contains(&key_of(ids[0])));
    let newer = connect(&config, &newer).await;
    for id in &ids[2..] {
        let record: Vec<u8> = raw.get(key_of(*id)).await.unwrap();
        assert_eq!(kyc_vault::key_id(&record), Some("newer"));
        assert_eq!(record_name(&record), Some(&field(&case, *id).await[..]));
        assert!(newer.request(*id).await.unwrap().is_some());
    }
    for id in &ids[..2] {
        case.queue.cancel(*id).await.unwrap();
    }
    all_completed(&case, &newer, 4).await;
    case.done().await;
}

/// The worker that lacks the key of a record leaves its job to others by the record's name, so that must be right.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_behind_its_key_record_is_corrected() {
    let (case, store) = with_store(|_| ()).await;
    let id = enqueued(&case.queue, 0, 1).await[0];
    let (config, keys) = case.address();
    let newer = Keyring::generate("newer").unwrap();
    let both = connect(&config, &format!("{newer},{keys}")).await;
    let name = field(&case, id).await;
    both.rewrap(read, |_| ()).await.unwrap();
    // Rewrapping broke off after the store was written.
    let job = case.key(&format!("job:{id}"));
    let _: usize = case.raw().await.hset(job, "key", &name).await.unwrap();
    let one = start(&case.queue, worker("one"), opened(&case.queue));
    let record: Vec<u8> = connected(&store).await.get(key_of(id)).await.unwrap();
    eventually("the name is right", async || {
        (record_name(&record) == Some(&field(&case, id).await[..])).then_some(())
    })
    .await;
    one.stop().await;
    assert_eq!(case.queue.look_at(&[id]).await.unwrap()[0].attempts, 0);
    all_completed(&case, &both, 1).await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_where_nothing_is_to_be_moved() {
    let case = Case::start().await;
    let ids = enqueued(&case.queue, 0, 2).await;
    let before = field(&case, ids[0]).await;
    let told = case.queue.rewrap(read, |_| ()).await.unwrap();
    assert_eq!((told.read, told.rewrapped, told.moved), (2, 0, 0));
    assert_eq!(field(&case, ids[0]).await, before);
    let store = durable();
    let with = queue_with(&case, records_in(&store)).await;
    for id in &ids {
        with.cancel(*id).await.unwrap();
    }
    assert_eq!(with.discard(&ids).await.unwrap(), 2);
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_indexed_anew_with_key_records_from_the_store() {
    let (case, _store) = with_store(|_| ()).await;
    let ids = enqueued(&case.queue, 0, 3).await;
    case.queue.rotate_index().await.unwrap();
    let told = case.queue.rewrap(read, |_| ()).await.unwrap();
    assert_eq!((told.reindexed, told.not_reindexed), (3, 0));
    for id in &ids {
        case.queue.cancel(*id).await.unwrap();
    }
    case.done().await;
}
