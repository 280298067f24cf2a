//! The check of `kyc doctor` about the store of key records.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use kyc_domain::VerificationId;
use kyc_queue::{KeyRecordStore, Queue, RedisKeyRecords};

use super::finding::Works;
use crate::settings::{KeyStore, Settings};

/// Writes, reads and deletes a record. `queue` is the queue, if it could be reached.
pub(super) async fn works(settings: &Settings, queue: Option<&Queue>) -> Result<Works> {
    match settings.key_store()? {
        None => Ok("they are with their jobs in Redis, and in its backups"
            .to_owned()
            .into()),
        Some(KeyStore::Blobs(blobs)) => {
            blobs.check().await.context("check KYC_KEY_RECORDS")?;
            Ok("an object was written, read and deleted in their own store"
                .to_owned()
                .into())
        }
        Some(KeyStore::Redis(store)) => in_redis(&store, queue).await,
    }
}

async fn in_redis(store: &RedisKeyRecords, queue: Option<&Queue>) -> Result<Works> {
    let id = VerificationId::generate();
    probe(store, id)
        .await
        .map_err(|error| anyhow::anyhow!("{error}; check KYC_KEY_RECORDS"))?;
    let run_id = |info: BTreeMap<String, String>| info.get("run_id").cloned();
    if let Some(queue) = queue {
        let (own, other) = (store.info("server").await?, queue.info("server").await?);
        let (own, other) = (run_id(own), run_id(other));
        ensure!(
            own.is_none() || own != other,
            "KYC_KEY_RECORDS and KYC_REDIS_URL name one server, whose backups hold both: use another one"
        );
    }
    let memory = store.info("memory").await?;
    if let Some(policy) = memory.get("maxmemory_policy")
        && policy != "noeviction"
    {
        bail!(
            "maxmemory-policy of their Redis is {policy}: it would erase verifications; set it to noeviction"
        );
    }
    let persistence = store.info("persistence").await?;
    let caution = persistence.get("aof_enabled").is_some_and(|is| is == "0");
    let sentence = if caution {
        "a record was written, read and deleted in their own Redis, but its append-only file is off: when it stops, verifications are erased; set appendonly yes"
    } else {
        "a record was written, read and deleted in their own Redis"
    };
    Ok(Works {
        sentence: sentence.to_owned(),
        caution,
    })
}

async fn probe(store: &dyn KeyRecordStore, id: VerificationId) -> Result<(), String> {
    let content = b"probe".to_vec();
    store.put(&[(id, content.clone())]).await?;
    let read = store.get(&[id]).await?;
    store.delete(&[id]).await?;
    match read == [Some(content)] {
        true => Ok(()),
        false => Err("it does not return what was written to it".to_owned()),
    }
}
