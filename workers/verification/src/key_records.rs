//! Key records in a blob store of their own: one object for each verification.

use bytes::Bytes;
use futures::{
    FutureExt, StreamExt, TryFutureExt, TryStreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use kyc_blobs::{Blobs, StoreError};
use kyc_domain::VerificationId;
use kyc_queue::{KeyRecordStore, StoreAnswer};

/// The operations that run at once.
const AT_ONCE: usize = 32;

/// Key records of one queue in a blob store.
pub struct KeyRecordsInBlobs {
    blobs: Blobs,
    namespace: String,
}

impl KeyRecordsInBlobs {
    /// A store for the records of the queue `namespace`.
    pub fn new(blobs: Blobs, namespace: impl Into<String>) -> Self {
        let namespace = namespace.into();
        Self { blobs, namespace }
    }
}

/// An operation on one record.
type Work<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// Runs operations, some at once. The results are in their order.
fn all<'a, T: Send + 'a>(work: Vec<Work<'a, T>>) -> StoreAnswer<'a, Vec<T>> {
    let done = stream::iter(work).buffered(AT_ONCE);
    done.map_err(|error| error.to_string())
        .try_collect()
        .boxed()
}

/// Like [`all`], for operations without a result.
fn each<'a>(work: Vec<Work<'a, ()>>) -> StoreAnswer<'a, ()> {
    all(work).map_ok(drop).boxed()
}

impl KeyRecordStore for KeyRecordsInBlobs {
    fn put<'a>(&'a self, records: &'a [(VerificationId, Vec<u8>)]) -> StoreAnswer<'a, ()> {
        let put = |(id, record): &'a (VerificationId, Vec<u8>)| {
            let (id, record) = (id.to_string(), Bytes::from(record.clone()));
            async move { self.blobs.put_record(&self.namespace, &id, record).await }.boxed()
        };
        each(records.iter().map(put).collect())
    }

    fn replace<'a>(&'a self, records: &'a [(VerificationId, Vec<u8>)]) -> StoreAnswer<'a, ()> {
        let replace = |(id, record): &'a (VerificationId, Vec<u8>)| {
            let (id, record) = (id.to_string(), Bytes::from(record.clone()));
            async move {
                let replaced = self.blobs.replace_record(&self.namespace, &id, record);
                replaced.await
            }
            .boxed()
        };
        each(records.iter().map(replace).collect())
    }

    fn get<'a>(&'a self, ids: &'a [VerificationId]) -> StoreAnswer<'a, Vec<Option<Vec<u8>>>> {
        let get = |id: &'a VerificationId| {
            async move {
                let record = self.blobs.record(&self.namespace, &id.to_string()).await?;
                Ok(record.map(|record| record.to_vec()))
            }
            .boxed()
        };
        all(ids.iter().map(get).collect())
    }

    fn delete<'a>(&'a self, ids: &'a [VerificationId]) -> StoreAnswer<'a, ()> {
        let delete = |id: &'a VerificationId| {
            async move {
                let id = id.to_string();
                self.blobs.delete_record(&self.namespace, &id).await
            }
            .boxed()
        };
        each(ids.iter().map(delete).collect())
    }

    fn ids(&self) -> BoxStream<'_, Result<VerificationId, String>> {
        let listed = self.blobs.records(&self.namespace);
        // What is not named exactly as this program names it is not its own.
        let id = |name: String| {
            let id: VerificationId = name.parse().ok()?;
            (id.to_string() == name).then_some(id)
        };
        listed
            .map_err(|error| error.to_string())
            .try_filter_map(move |name| std::future::ready(Ok(id(name))))
            .boxed()
    }

    fn claim<'a>(&'a self, owner: &'a str) -> StoreAnswer<'a, bool> {
        let claiming = self.blobs.claim_records(&self.namespace, owner);
        async move { claiming.await.map_err(|error| error.to_string()) }.boxed()
    }
}
