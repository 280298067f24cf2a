//! Jobs on their way in: sealed, with their headers, accepted once; from the library or from the inbox.

pub(crate) mod coalescing;
mod enqueue;
mod entry;
mod failing;
pub(crate) mod header;
mod inbox;
mod rejected;

pub use coalescing::Reuse;
pub use enqueue::{EnqueueError, Enqueued};
pub use inbox::Inbox;
pub use rejected::Rejected;
