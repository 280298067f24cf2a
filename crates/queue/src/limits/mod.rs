//! Limits of the whole fleet: setting limiters, reading their state, and forecasting when waiting
//! jobs are sent. The scripts make the decisions; this module writes the fields that they use and
//! reads the fields that they leave.

mod change;
mod error;
mod forecast;
mod limiter;
mod rate;
mod read;
mod row;
mod zone;

pub use change::{Change, LimitChanges};
pub use error::LimitError;
pub(crate) use forecast::{Ahead, Lengths, observed_interval};
pub use limiter::{Closed, LimiterView};
pub(crate) use limiter::{Hold, Limiter};
pub use rate::Rate;
pub(crate) use read::Counts;
pub use row::{Daily, Limits};

/// The scope of the limits that all kinds share.
pub const ACCOUNT: &str = "account";
