//! A second Redis for key records, and a handler that opens its jobs as the product does.

use std::sync::Arc;

use kyc_domain::{Class, Failure, VerificationId};
use kyc_queue::{Config, KeyRecords, Leave, OpenJobError, Queue, RedisKeyRecords, Tls};
use kyc_sandbox::redis::{Options, PrivateRedis};
use kyc_vault::DataKey;
use redis::{AsyncCommands as _, aio::MultiplexedConnection};

use super::{Case, Handler, binary, found, handler};

/// A server that loses nothing when it is killed.
pub(crate) fn durable() -> PrivateRedis {
    PrivateRedis::start(Options {
        binary: binary(),
        append_only: true,
        sync_always: true,
        ..Options::default()
    })
    .unwrap()
}

/// The server as a store of key records.
pub(crate) fn store_in(server: &PrivateRedis) -> Arc<RedisKeyRecords> {
    Arc::new(RedisKeyRecords::new(&server.url(), "kyc", &Tls::default(), false).unwrap())
}

pub(crate) fn records_in(server: &PrivateRedis) -> KeyRecords {
    KeyRecords {
        store: Some(store_in(server)),
        before: None,
    }
}

/// A queue whose key records are in a Redis of their own.
pub(crate) async fn with_store(adjust: impl FnOnce(&mut Config)) -> (Case, PrivateRedis) {
    let server = durable();
    let records = records_in(&server);
    let options = Options {
        append_only: true,
        ..Options::default()
    };
    let case = Case::with(
        |config| {
            config.key_records = records;
            adjust(config);
        },
        options,
    )
    .await;
    (case, server)
}

pub(crate) async fn connected(server: &PrivateRedis) -> MultiplexedConnection {
    let client = redis::Client::open(server.url()).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

pub(crate) fn key_of(id: VerificationId) -> String {
    format!("{{kyc}}:key:{id}")
}

/// The key records in a store.
pub(crate) async fn stored(server: &PrivateRedis) -> Vec<String> {
    let mut keys: Vec<String> = connected(server).await.keys("{kyc}:key:*").await.unwrap();
    keys.sort_unstable();
    keys
}

/// What a job's hash holds of its key record.
pub(crate) async fn field(case: &Case, id: VerificationId) -> Vec<u8> {
    let job = case.key(&format!("job:{id}"));
    case.raw().await.hget(job, "key").await.unwrap()
}

/// Opens each job as the product does, and completes it with its data key in the hand of `with`.
pub(crate) fn opening(
    queue: &Queue,
    with: impl Fn(&DataKey, &Leave) -> Result<(), Failure> + Send + Sync + 'static,
) -> Handler {
    let (vault, with) = (queue.vault().clone(), Arc::new(with));
    handler(move |job| {
        let (vault, with) = (vault.clone(), Arc::clone(&with));
        async move {
            let (calls, unanswered) = (job.calls_before(), job.unanswered_before());
            let failed = |class, code| Failure::new(class, code, "It does not open.");
            let (key, _) = job.open(&vault).map_err(|error| match error {
                OpenJobError::RecordMissing => failed(Class::Hopeless, "key_record_missing"),
                OpenJobError::Sealed(error) if error.missing_key().is_some() => {
                    failed(Class::Missed, kyc_queue::KEY_MISSING)
                }
                _ => failed(Class::Hopeless, "request_changed"),
            })?;
            with(&key, &job.into_leave())?;
            Ok(found(calls, unanswered))
        }
    })
}

/// As [`opening`], and nothing else.
pub(crate) fn opened(queue: &Queue) -> Handler {
    opening(queue, |_, _| Ok(()))
}
