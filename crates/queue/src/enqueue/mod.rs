//! Jobs on their way in: sealed, with their headers, accepted once; from the library or from the inbox.

mod accept;
pub(crate) mod bound;
mod coalescing;
mod content;
mod entry;
mod failing;
pub(crate) mod header;
mod inbox;
mod rejected;
mod reuse;
pub(crate) mod tenants;

pub use accept::{EnqueueError, Enqueued};
pub use bound::OpenJobError;
pub use content::Accepts;
pub use inbox::Inbox;
pub use rejected::Rejected;
pub use reuse::Reuse;
