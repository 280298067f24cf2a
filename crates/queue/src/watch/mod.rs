//! What can be seen of the queue: one job, lists of jobs, counts, results as they come.

pub(crate) mod census;
mod cursor;
mod follow;
mod gauges;
mod jobs;
mod look;
mod place;
mod standing;
mod stored;
mod view;

pub use census::{Depths, Minute, Parked, WorkerView};
pub use follow::{Published, Results};
pub use gauges::{Expiring, Gauges, Oldest};
pub use jobs::Page;
pub use place::{Filter, Place};
pub use stored::{Completed, Reopened, Stored, StoredPage};
pub use view::{Attempt, State, Verification, Waiting};
