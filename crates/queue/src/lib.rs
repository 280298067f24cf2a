#![doc = include_str!("../README.md")]

mod api_keys;
mod config;
mod connection;
mod enqueue;
mod error;
mod index;
mod inspect;
mod key_records;
mod limits;
mod measure;
mod operations;
mod orphans;
mod persons;
mod queue;
mod rewrap;
mod script;
mod server;
mod turn;
mod units;
mod worker;
mod writes;

pub use api_keys::{ApiKey, NotARole, Role};
pub use config::Config;
pub use connection::{Connection, Setup, Tls, TlsFault};
pub use enqueue::{
    About, Accepts, EnqueueError, Enqueued, Inbox, OpenJobError, Rejected, Reuse, Submission,
    Submitted, TenantInbox,
};
pub use error::Error;
pub use inspect::{
    Attempt, Completed, Depths, Ended, Endings, Expiring, Feed, FeedReader, Filter, Gauges, Minute,
    NotAPoint, Oldest, Page, Parked, Place, Point, Published, Reopened, Results, Start, State,
    Stored, StoredPage, Told, Verification, Waiter, Waiting, WorkerView,
};
pub use key_records::{KeyRecordStore, KeyRecords, RedisKeyRecords, StoreAnswer};
pub use limits::{ACCOUNT, Closed, Daily, LimitError, LimiterView, Limits, Rate};
pub use measure::MEASURES;
pub use operations::Cancelled;
pub use queue::Queue;
pub use rewrap::Rewrapped;
pub use script::{script_names, script_texts};
pub use server::Clock;
pub use worker::{
    Backend, CachedAnswer, Circuit, Decide, Images, KEY_MISSING, Leased, Leave, Liveness, Missed,
    NoImages, Releaser, SettleLayer, Slot, WorkerConfig,
};
