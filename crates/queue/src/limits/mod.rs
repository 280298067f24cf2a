//! Limits of the whole fleet: what a gate is set to, how it stands, and what that means for those that wait. The
//! scripts decide; this room writes what they go by, and reads what they leave.

mod ask;
mod forecast;
mod gate;
mod rate;
mod row;
mod zone;

pub(crate) use ask::Counts;
pub(crate) use forecast::{Ahead, Lines, observed_interval};
pub use gate::{Closed, GateView};
pub(crate) use gate::{Gate, Hold};
pub use rate::Rate;
pub use row::{Daily, LimitError, Limits};

/// The scope of the limits that hold for all kinds together.
pub const ACCOUNT: &str = "account";
