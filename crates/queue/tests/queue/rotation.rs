//! Index keys: one for all that begin a queue at once, and another one without a gap.

use std::collections::HashSet;

use futures::future::join_all;
use kyc_kinds::{Rules, parse};
use kyc_queue::{EnqueueError, Error, Queue, Rewrapped};
use kyc_vault::{Keyring, Vault};
use redis::AsyncCommands as _;
use serde_json::json;

use crate::{
    persons::{BVN, NIN, about, find, record},
    support::{Case, command, connect, found, handler, request, start, worker},
};

async fn rewrap(queue: &Queue) -> Rewrapped {
    queue
        .rewrap(|job| parse(job, Rules::default()), |_| ())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_begin_a_queue_at_once_make_one_key() {
    let case = Case::start().await;
    let job = request("bvn", 1, json!({"idempotency_key": "k"}));
    for _ in 0..10 {
        command::<()>(&case.redis, &["FLUSHALL"]).await;
        let queues = join_all((0..8).map(|_| case.another_queue())).await;
        let accepted = join_all(queues.iter().map(|queue| queue.enqueue(&job))).await;
        let ids: HashSet<_> = accepted.into_iter().map(|each| each.unwrap().id).collect();
        assert_eq!(ids.len(), 1);
        assert_eq!(
            find(&queues[0], "default", "bvn:22200000001").await.len(),
            1
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_older_key_indexed_is_found_by_all_that_run() {
    let case = Case::start().await;
    let running = case.another_queue().await;
    let keyed = |nth| {
        request(
            "bvn",
            nth,
            json!({"idempotency_key": "k", "reference": "loan-1"}),
        )
    };
    let first = case.enqueue(&keyed(1)).await.id;
    let before = case.queue.rotate_index().await.unwrap();
    assert_eq!(before.len(), 2);
    // Whoever rotated, whoever ran meanwhile, and whoever came later.
    let later = case.another_queue().await;
    for queue in [&running, &case.queue, &later] {
        let again = queue.enqueue(&keyed(1)).await.unwrap();
        assert_eq!((again.id, again.existing), (first, true));
        match queue.enqueue(&keyed(2)).await {
            Err(EnqueueError::Conflict { id }) => assert_eq!(id, first.to_string()),
            answer => panic!("{answer:?}"),
        }
    }
    let more = request(
        "bvn",
        3,
        json!({"idempotency_key": "k3", "reference": "loan-1"}),
    );
    let second = running.enqueue(&more).await.unwrap().id;
    let third = later.rotate_index().await.unwrap();
    assert_eq!(third[1..], before);
    for queue in [&running, &case.queue, &later] {
        let known = queue
            .find_by_reference("default", "loan-1", 5)
            .await
            .unwrap();
        let ids: Vec<_> = known.iter().map(|job| job.id).collect();
        assert_eq!(ids, [second, first]);
        let found = find(queue, "default", "bvn:22200000001").await;
        assert_eq!(found, [first]);
        assert!(queue.enqueue(&more).await.unwrap().existing);
    }
    // The key of a job that is gone names nothing.
    case.queue.cancel(first).await.unwrap();
    case.queue.discard(&[first]).await.unwrap();
    let anew = running.enqueue(&keyed(2)).await.unwrap();
    assert!(!anew.existing);
}

#[tokio::test(flavor = "multi_thread")]
async fn rewrap_indexes_by_the_newest_key_and_drops_what_no_job_needs() {
    let case = Case::start().await;
    let worker = start(
        &case.queue,
        worker("one"),
        handler(|job| async move {
            if job.tenant() == "acme" {
                Ok(record())
            } else {
                Ok(found(0, 0))
            }
        }),
    );
    let plain = case
        .enqueue(&about("acme", "bvn", BVN, &json!({})))
        .await
        .id;
    let named = request("bvn", 1, json!({"reference": "loan-1"}));
    let named = case.enqueue(&named).await.id;
    for id in [plain, named] {
        case.completed(id).await;
    }
    let mut raw = case.raw().await;
    let persons = case.key("persons");
    // As an earlier version left it.
    let _: () = raw.hdel(&persons, named.to_string()).await.unwrap();
    let other = case.another_queue().await;
    let ids = other.rotate_index().await.unwrap();
    let done = rewrap(&other).await;
    assert_eq!((done.reindexed, done.not_reindexed), (2, 0));
    assert_eq!(done.index_keys, [(ids[1].clone(), 1)].into());
    assert_eq!(done.dropped_index_keys, Vec::<String>::new());
    let known: String = raw.hget(&persons, plain.to_string()).await.unwrap();
    assert_eq!(known.split(' ').count(), 4, "{known}");
    assert!(
        known.split(' ').all(|index| index.starts_with(&ids[0])),
        "{known}"
    );
    let sets: Vec<String> = raw.keys(case.key("person:*")).await.unwrap();
    let old = case.key(&format!("person:{}", ids[1]));
    let old: Vec<_> = sets.iter().filter(|set| set.starts_with(&old)).collect();
    // Nobody knew that this one was indexed.
    assert!(old.len() <= 1, "{old:?}");
    for queue in [&case.queue, &other] {
        assert_eq!(find(queue, "acme", &format!("nin:{NIN}")).await, [plain]);
        assert_eq!(find(queue, "default", "bvn:22200000001").await, [named]);
    }
    // A worker that ran all the while indexes by the newest key.
    let next = other
        .enqueue(&about("acme", "nin", NIN, &json!({})))
        .await
        .unwrap()
        .id;
    case.completed(next).await;
    let known: String = raw.hget(&persons, next.to_string()).await.unwrap();
    assert!(
        known.split(' ').all(|index| index.starts_with(&ids[0])),
        "{known}"
    );
    // With the last job that needs it the older key goes.
    case.queue.discard(&[named]).await.unwrap();
    let done = rewrap(&other).await;
    assert_eq!(
        (done.reindexed, done.dropped_index_keys),
        (0, vec![ids[1].clone()])
    );
    assert_eq!(
        find(&case.queue, "acme", &format!("bvn:{BVN}")).await,
        [next, plain]
    );
    worker.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn older_keys_are_few_and_a_process_without_keys_makes_none() {
    let case = Case::start().await;
    case.enqueue(&request("bvn", 1, json!({"reference": "r"})))
        .await;
    for _ in 0..4 {
        case.queue.rotate_index().await.unwrap();
    }
    let refused = case.queue.rotate_index().await.unwrap_err();
    assert!(refused.to_string().contains("kyc keys rewrap"), "{refused}");
    assert_eq!(rewrap(&case.queue).await.dropped_index_keys.len(), 3);
    assert!(case.queue.rotate_index().await.is_ok());
    let operating = Queue::connect(case.config.clone(), Vault::without_keys());
    let refused = operating.await.unwrap().rotate_index().await.unwrap_err();
    assert!(matches!(refused, Error::Sealed(_)), "{refused}");
}

/// A worker that cannot open the newest index key stores what was paid for, and somebody else indexes it.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_without_the_newest_index_key_completes_its_jobs() {
    let case = Case::start().await;
    let (config, keys) = case.address();
    let newer = Keyring::generate("newer").unwrap();
    let both = connect(&config, &format!("{newer},{keys}")).await;
    assert!(rewrap(&both).await.index_key);
    let id = case
        .enqueue(&about("acme", "bvn", BVN, &json!({})))
        .await
        .id;
    let ids = both.rotate_index().await.unwrap();
    let worker = start(
        &case.queue,
        worker("one"),
        handler(|_| async { Ok(record()) }),
    );
    case.completed(id).await;
    worker.stop().await;
    assert_eq!(find(&both, "acme", &format!("bvn:{BVN}")).await, [id]);
    assert_eq!(find(&both, "acme", &format!("nin:{NIN}")).await, []);
    let done = rewrap(&both).await;
    assert_eq!(
        (done.reindexed, done.dropped_index_keys),
        (1, vec![ids[1].clone()])
    );
    assert_eq!(find(&both, "acme", &format!("nin:{NIN}")).await, [id]);
}
