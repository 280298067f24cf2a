#![doc = include_str!("../README.md")]

mod accept;
mod config;
mod error;
mod limits;
mod link;
mod measure;
mod queue;
mod script;
mod server;
mod steer;
mod watch;
mod work;
mod writes;

pub use accept::{EnqueueError, Enqueued, Inbox, Rejected, Reuse};
pub use config::Config;
pub use error::Error;
pub use limits::{ACCOUNT, Closed, Daily, LimitError, LimiterView, Limits, Rate};
pub use link::{Setup, Tls, TlsFault};
pub use measure::MEASURES;
pub use queue::Queue;
pub use script::script_names;
pub use server::Clock;
pub use steer::Cancelled;
pub use watch::{
    Attempt, Completed, Depths, Expiring, Filter, Gauges, Minute, Oldest, Page, Parked, Place,
    Published, Reopened, Results, State, Stored, StoredPage, Verification, Waiting, WorkerView,
};
pub use work::{
    Backend, CachedAnswer, Circuit, Decide, Leased, Leave, Liveness, Missed, Releaser, SettleLayer,
    Slot, WorkerConfig,
};
