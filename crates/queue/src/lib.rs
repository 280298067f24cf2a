#![doc = include_str!("../README.md")]

mod backend;
mod completions;
mod config;
mod enqueue;
mod error;
mod flights;
mod follow;
mod inbox;
mod keeper;
mod lease;
mod link;
mod queue;
mod script;
mod server;
mod settle_layer;
mod settlement;
mod view;
mod wake;

pub use backend::{Backend, Decide, Releaser, WorkerConfig};
pub use config::Config;
pub use enqueue::{EnqueueError, Enqueued};
pub use error::Error;
pub use follow::{Published, Results};
pub use inbox::{Inbox, Rejected};
pub use lease::{Leased, Slot};
pub use link::Setup;
pub use queue::{Depths, Parked, Queue};
pub use server::Clock;
pub use settle_layer::SettleLayer;
pub use view::{Attempt, State, Verification, Waiting};
