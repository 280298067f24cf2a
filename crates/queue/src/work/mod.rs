//! Jobs in the hands of a worker: leased, kept, settled, handed back.

pub(crate) mod backend;
pub(crate) mod completions;
pub(crate) mod flights;
mod keeper;
pub(crate) mod lease;
mod pulse;
pub(crate) mod session;
mod settle_layer;
pub(crate) mod settlement;
pub(crate) mod story;
mod wake;

pub use backend::{Backend, Decide, Releaser, WorkerConfig};
pub use lease::{Leased, Slot};
pub use pulse::Pulse;
pub use settle_layer::SettleLayer;
