//! The worker side of the queue: leasing jobs, renewing leases, settling jobs and giving them back.

mod backend;
mod cached;
mod clock;
mod closings;
mod completion;
mod completions;
mod heartbeat;
mod heartbeat_state;
mod history;
pub(crate) mod in_flight;
pub(crate) mod lease;
mod lease_validity;
mod liveness;
mod log;
mod missing_keys;
mod pacer;
pub(crate) mod progress;
mod release;
pub(crate) mod session;
mod settle_layer;
pub(crate) mod settled;
pub(crate) mod settlement;
pub(crate) mod slot;
pub(crate) mod state;
mod wake;
mod writer;

pub use backend::Backend;
pub use cached::CachedAnswer;
pub use lease::{Leased, Leave};
pub use liveness::Liveness;
pub use missing_keys::KEY_MISSING;
pub use release::Releaser;
pub use settle_layer::SettleLayer;
pub use slot::{Missed, Slot};
pub use state::{Circuit, Decide, WorkerConfig};
