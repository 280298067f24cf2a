//! Jobs in the hands of a worker: leased, kept, settled, handed back.

mod backend;
pub(crate) mod completions;
pub(crate) mod flights;
mod keeper;
pub(crate) mod lease;
mod pulse;
mod release;
pub(crate) mod session;
mod settle_layer;
pub(crate) mod settlement;
pub(crate) mod story;
mod trust;
mod wake;
pub(crate) mod worker;

pub use backend::Backend;
pub use lease::{Leased, Slot};
pub use pulse::Pulse;
pub use release::Releaser;
pub use settle_layer::SettleLayer;
pub use worker::{Decide, WorkerConfig};
