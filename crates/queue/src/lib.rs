#![doc = include_str!("../README.md")]

mod api_keys;
mod batches;
mod bulk;
mod config;
mod connection;
mod enqueue;
mod error;
mod index;
mod inspect;
mod key_records;
mod key_usage;
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
pub use batches::{BatchRow, JobBatch, RowJob, RowOf, RowState, SubmitRow, SubmittedRow};
pub use bulk::{BulkId, BulkOperation, BulkState, Counted, Handled};
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
    Stored, StoredPage, Sum, Told, Totals, Verification, Waiter, Waiting, WorkerView,
};
pub use key_records::{KeyRecordStore, KeyRecords, RedisKeyRecords, StoreAnswer};
pub use key_usage::KeyUsage;
pub use limits::{
    ACCOUNT, Change, Closed, Daily, LimitChanges, LimitError, LimiterView, Limits, Rate,
};
pub use measure::MEASURES;
pub use operations::{Cancelled, Pause, Seen, check_note};
pub use queue::Queue;
pub use rewrap::Rewrapped;
pub use script::{script_names, script_texts};
pub use server::Clock;
pub use worker::{
    AboutWorker, Backend, CachedAnswer, Circuit, Decide, Images, KEY_MISSING, Leased, Leave,
    Liveness, Missed, NoImages, Releaser, SettleLayer, Slot, WorkerConfig,
};
