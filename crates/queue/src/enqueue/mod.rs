//! Jobs on their way in: sealed, with their headers, accepted once; from the library or from the inbox.

mod accept;
pub(crate) mod coalescing;
mod entry;
mod failing;
pub(crate) mod header;
mod inbox;
mod rejected;

pub use accept::{EnqueueError, Enqueued};
pub use coalescing::Reuse;
pub use inbox::Inbox;
pub use rejected::Rejected;
