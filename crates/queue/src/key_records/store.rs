//! What a store of key records must be able to do.

use futures::{future::BoxFuture, stream::BoxStream};
use kyc_domain::VerificationId;

/// The answer of a store. The error says what is wrong in words without personal data, addresses and secrets.
pub type StoreAnswer<'a, T> = BoxFuture<'a, Result<T, String>>;

/// A store of key records by the ids of their verifications. Each operation is confirmed when it returns, and can be repeated.
pub trait KeyRecordStore: Send + Sync {
    /// Writes records, also in place of others.
    fn put<'a>(&'a self, records: &'a [(VerificationId, Vec<u8>)]) -> StoreAnswer<'a, ()>;

    /// Writes records in place of others. A record that was deleted meanwhile stays deleted.
    fn replace<'a>(&'a self, records: &'a [(VerificationId, Vec<u8>)]) -> StoreAnswer<'a, ()>;

    /// Returns the records in the order of the ids; `None` for each that does not exist.
    fn get<'a>(&'a self, ids: &'a [VerificationId]) -> StoreAnswer<'a, Vec<Option<Vec<u8>>>>;

    /// Deletes records. Succeeds for those that do not exist.
    fn delete<'a>(&'a self, ids: &'a [VerificationId]) -> StoreAnswer<'a, ()>;

    /// Lists all ids. One may be listed twice.
    fn ids(&self) -> BoxStream<'_, Result<VerificationId, String>>;

    /// Makes `owner` the owner of the records of this namespace unless there is one. Returns whether `owner` owns them.
    fn claim<'a>(&'a self, owner: &'a str) -> StoreAnswer<'a, bool>;
}
