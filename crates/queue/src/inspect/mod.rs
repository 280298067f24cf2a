//! Inspection of the queue: one job, lists of jobs, counts, and the results stream.

mod cursor;
pub(crate) mod depths;
mod endings;
mod feed;
mod follow;
mod gauges;
mod jobs;
mod place;
mod position;
pub(crate) mod sealed;
mod stored;
mod totals;
mod verification;
mod view;

pub use depths::{Depths, Minute, Parked, WorkerView};
pub use endings::{Endings, Waiter};
pub use feed::{Ended, Feed, FeedReader, NotAPoint, Point, Start, Told};
pub use follow::{Published, Results};
pub use gauges::{Expiring, Gauges, Oldest};
pub use jobs::Page;
pub use place::{Filter, Place};
pub use stored::{Completed, Reopened, Stored, StoredPage};
pub use totals::{Sum, Totals};
pub use view::{Attempt, State, Verification, Waiting};
