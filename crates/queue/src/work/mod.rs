//! Jobs in the hands of a worker: leased, kept, settled, handed back.

mod backend;
mod cached;
mod clock;
mod closings;
pub(crate) mod completions;
pub(crate) mod flights;
mod keeper;
pub(crate) mod lease;
mod pace;
pub(crate) mod progress;
mod pulse;
mod release;
pub(crate) mod session;
mod settle_layer;
pub(crate) mod settlement;
pub(crate) mod slot;
mod tell;
mod trust;
mod wake;
pub(crate) mod worker;

pub use backend::Backend;
pub use cached::CachedAnswer;
pub use lease::{Leased, Leave};
pub use pulse::Pulse;
pub use release::Releaser;
pub use settle_layer::SettleLayer;
pub use slot::{Missed, Slot};
pub use worker::{Circuit, Decide, WorkerConfig};
