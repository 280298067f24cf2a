//! Limits of the whole fleet: what a limiter is set to, how it stands, and what that means for those that wait. The
//! scripts decide; this room writes what they go by, and reads what they leave.

mod error;
mod forecast;
mod limiter;
mod rate;
mod read;
mod row;
mod zone;

pub use error::LimitError;
pub(crate) use forecast::{Ahead, Lengths, observed_interval};
pub use limiter::{Closed, LimiterView};
pub(crate) use limiter::{Hold, Limiter};
pub use rate::Rate;
pub(crate) use read::Counts;
pub use row::{Daily, Limits};

/// The scope of the limits that hold for all kinds together.
pub const ACCOUNT: &str = "account";
