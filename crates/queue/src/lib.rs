#![doc = include_str!("../README.md")]

mod backend;
mod census;
mod completions;
mod config;
mod enqueue;
mod error;
mod flights;
mod follow;
mod inbox;
mod jobs;
mod keeper;
mod label;
mod lease;
mod look;
mod queue;
mod script;
mod session;
mod settle_layer;
mod settlement;
mod steer;
mod story;
mod view;
mod wake;

pub use backend::{Backend, Decide, Releaser, WorkerConfig};
pub use census::{Depths, Minute, Parked, WorkerView};
pub use config::Config;
pub use enqueue::{EnqueueError, Enqueued};
pub use error::Error;
pub use follow::{Published, Results};
pub use inbox::{Inbox, Rejected};
pub use jobs::{Filter, Page, Place};
pub use lease::{Leased, Slot};
pub use queue::Queue;
pub use settle_layer::SettleLayer;
pub use steer::Cancelled;
pub use view::{Attempt, State, Verification, Waiting};
