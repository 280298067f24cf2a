//! Accepts jobs, from the library or from the inbox: seals them, writes their headers, and accepts each once.

pub(crate) mod accept;
mod acceptance;
pub(crate) mod bound;
mod calls;
pub(crate) mod coalescing;
mod content;
mod entry;
mod failing;
mod group;
pub(crate) mod header;
mod inbox;
mod post;
mod rejected;
mod reuse;
pub(crate) mod submit;
pub(crate) mod tenants;
pub(crate) mod together;

pub use accept::{EnqueueError, Enqueued};
pub use acceptance::TenantInbox;
pub use bound::OpenJobError;
pub use content::Accepts;
pub use inbox::Inbox;
pub use rejected::Rejected;
pub use reuse::Reuse;
pub use submit::{About, Submission, Submitted};
