//! Key records outside of the queue's Redis, in a store that its backups do not hold. Then deleting a record erases its
//! verification, also in all backups.

mod fetch;
mod in_redis;
mod places;
mod store;
mod sweep;

pub(crate) use fetch::NO_STORE;
pub use in_redis::RedisKeyRecords;
pub use places::KeyRecords;
pub(crate) use places::{in_time, is_whole};
pub use store::{KeyRecordStore, StoreAnswer};
