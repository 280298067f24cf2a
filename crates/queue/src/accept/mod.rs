//! Jobs on their way in: sealed, labelled, accepted once; from the library or from the inbox.

mod enqueue;
mod entry;
mod failing;
mod inbox;
pub(crate) mod label;
pub(crate) mod question;
mod rejected;

pub use enqueue::{EnqueueError, Enqueued};
pub use inbox::Inbox;
pub use question::Reuse;
pub use rejected::Rejected;
