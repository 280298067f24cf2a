//! Images go with their jobs: the queue has them deleted, and finds those that belong to none.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use futures::future::BoxFuture;
use kyc_domain::{Class, VerificationId};
use kyc_queue::{Config, Images, State, WorkerConfig};
use kyc_sandbox::redis::Options;
use redis::AsyncCommands as _;
use serde_json::json;
use tokio::sync::Notify;

use crate::{
    leases::SHORT,
    support::{Case, Handler, eventually, failed, found, handler, request, start_storing, worker},
};

/// Remembers what was deleted, and refuses to delete what is the tenant `broken`'s while it is broken.
#[derive(Default)]
struct Store {
    deleted: Mutex<BTreeSet<(String, VerificationId)>>,
    is_broken: AtomicBool,
}

impl Store {
    fn has_deleted(&self, tenant: &str, id: VerificationId) -> bool {
        let deleted = self.deleted.lock().unwrap();
        deleted.contains(&(tenant.to_owned(), id))
    }
}

impl Images for Store {
    fn delete<'a>(
        &'a self,
        tenant: &'a str,
        id: VerificationId,
    ) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            if tenant == "broken" && self.is_broken.load(SeqCst) {
                return Err("the disk is on fire".to_owned());
            }
            let mut deleted = self.deleted.lock().unwrap();
            deleted.insert((tenant.to_owned(), id));
            Ok(())
        })
    }
}

fn short(name: &str) -> WorkerConfig {
    WorkerConfig {
        lease: SHORT,
        ..worker(name)
    }
}

fn brief(config: &mut Config) {
    config.keep_completed = Duration::from_millis(300);
    config.keep_dead = Duration::from_millis(300);
}

/// Completes `bvn` and fails `nin`.
fn both_ends() -> Handler {
    handler(|job| async move {
        if job.kind() == "bvn" {
            Ok(found(job.calls_before(), 0))
        } else {
            Err(failed(Class::Hopeless))
        }
    })
}

async fn gone(case: &Case, id: VerificationId) {
    eventually("it is deleted", async || {
        case.queue.look(id).await.unwrap().is_none().then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_images_of_a_job_are_deleted_when_its_retention_ends() {
    let case = Case::with(brief, Options::default()).await;
    let store = Arc::new(Store::default());
    let one = start_storing(&case.queue, short("one"), both_ends(), store.clone());
    let two = start_storing(&case.queue, short("two"), both_ends(), store.clone());
    let completed = case.enqueue(&request("bvn", 1, json!({}))).await.id;
    let dead = case
        .enqueue(&request("nin", 2, json!({"tenant": "acme"})))
        .await
        .id;
    case.completed(completed).await;
    case.dead(dead).await;
    gone(&case, completed).await;
    gone(&case, dead).await;
    assert!(store.has_deleted("default", completed));
    assert!(store.has_deleted("acme", dead));
    one.stop().await;
    two.stop().await;
    case.done().await;
}

/// More jobs than a step has, so that those behind them are reached as well.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_images_cannot_be_deleted_is_kept_and_tried_again() {
    let case = Case::with(brief, Options::default()).await;
    let store = Arc::new(Store::default());
    store.is_broken.store(true, SeqCst);
    let mut kept = Vec::new();
    for nth in 0..99 {
        let job = request("bvn", nth, json!({"tenant": "broken"}));
        kept.push(case.enqueue(&job).await.id);
    }
    for nth in 100..110 {
        kept.push(case.enqueue(&request("bvn", nth, json!({}))).await.id);
    }
    let others = kept.split_off(99);
    for id in kept.iter().chain(&others) {
        case.queue.cancel(*id).await.unwrap();
    }
    let one = start_storing(&case.queue, short("one"), both_ends(), store.clone());
    for id in &others {
        gone(&case, *id).await;
        assert!(store.has_deleted("default", *id));
    }
    for id in &kept {
        assert_eq!(case.look(*id).await.state, State::Cancelled);
    }
    store.is_broken.store(false, SeqCst);
    for id in &kept {
        gone(&case, *id).await;
        assert!(store.has_deleted("broken", *id));
    }
    one.stop().await;
    case.done().await;
}

/// A handler that waits for a sign amid each job.
fn waiting(sign: &Arc<Notify>) -> Handler {
    let sign = Arc::clone(sign);
    handler(move |job| {
        let sign = Arc::clone(&sign);
        async move {
            sign.notified().await;
            Ok(found(job.calls_before(), 0))
        }
    })
}

async fn running(case: &Case, id: VerificationId) {
    eventually("it runs", async || {
        (case.look(id).await.state == State::Running).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_deletes_what_it_stored_for_a_job_that_was_cancelled_or_discarded() {
    for is_discarded in [false, true] {
        let case = Case::start().await;
        let (store, sign) = (Arc::new(Store::default()), Arc::new(Notify::new()));
        let one = start_storing(&case.queue, worker("one"), waiting(&sign), store.clone());
        let id = case.enqueue(&request("bvn", 1, json!({}))).await.id;
        running(&case, id).await;
        case.queue.cancel(id).await.unwrap();
        if is_discarded {
            assert_eq!(case.queue.discard(&[id]).await.unwrap(), 1);
        }
        assert!(!store.has_deleted("default", id));
        // Its completion comes before the heartbeat knows of it.
        sign.notify_one();
        eventually("its images are deleted", async || {
            store.has_deleted("default", id).then_some(())
        })
        .await;
        one.stop().await;
        case.done().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_whose_cancelled_job_is_aborted_deletes_what_it_stored() {
    let case = Case::start().await;
    let (store, never) = (Arc::new(Store::default()), Arc::new(Notify::new()));
    let one = start_storing(&case.queue, short("one"), waiting(&never), store.clone());
    let id = case.enqueue(&request("bvn", 1, json!({}))).await.id;
    running(&case, id).await;
    case.queue.cancel(id).await.unwrap();
    eventually("its images are deleted", async || {
        store.has_deleted("default", id).then_some(())
    })
    .await;
    one.stop().await;
    case.done().await;
}

/// Another worker may store the same images meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_lost_a_job_which_goes_on_deletes_no_images() {
    let case = Case::start().await;
    let (store, sign) = (Arc::new(Store::default()), Arc::new(Notify::new()));
    let one = start_storing(&case.queue, worker("one"), waiting(&sign), store.clone());
    let id = case.enqueue(&request("bvn", 1, json!({}))).await.id;
    running(&case, id).await;
    let mut raw = case.raw().await;
    let leases: Vec<String> = raw.keys(case.key("leases:*")).await.unwrap();
    // Its worker was taken for dead, and it is called again.
    let _: usize = raw.del(&leases).await.unwrap();
    let job = case.key(&format!("job:{id}"));
    let _: usize = raw.hset(&job, "progress", r#"{"calls":1}"#).await.unwrap();
    sign.notify_one();
    one.stop().await;
    assert!(!store.has_deleted("default", id));
    case.queue.cancel(id).await.unwrap();
    let _: usize = raw.del(case.key("limiter:bvn")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn only_old_ids_without_a_job_are_orphans_and_only_to_a_queue_of_some_age() {
    let case = Case::start().await;
    let mut raw = case.raw().await;
    let old = |random: char| -> VerificationId {
        format!("01J9ZQ3V5T8Y6K2M4N7P0R1S2{random}")
            .parse()
            .unwrap()
    };
    let (owner, orphan, known) = (old('A'), old('B'), old('C'));
    let young = VerificationId::generate();
    assert_eq!(case.queue.owner().await.unwrap(), None, "it is new");
    let _: () = raw.set(case.key("owner"), owner.to_string()).await.unwrap();
    assert_eq!(case.queue.owner().await.unwrap(), Some(owner));
    let key = case.key(&format!("job:{known}"));
    let _: usize = raw.hset(&key, "header", "{}").await.unwrap();
    let ids = [orphan, known, young];
    assert_eq!(case.queue.orphans(owner, &ids).await.unwrap(), [orphan]);
    let _: () = raw.flushall().await.unwrap();
    let found = case.queue.orphans(owner, &ids).await.unwrap();
    assert!(found.is_empty(), "Redis was emptied meanwhile: {found:?}");
}
