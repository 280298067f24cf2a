//! The comparison of claims with a record. It is pure.
//!
//! A blank in the record is `unknown`, never a mismatch. Dates, numbers and gender must agree exactly. Names and free text are
//! compared as sets of words.

mod addresses;
mod assess;
mod companies;
mod compared;
mod extras;
mod fold;
mod lost;
mod names;
mod pairs;
mod policies;
mod policy;
mod restore;
mod rule;
mod spelling;
mod values;
mod variants;

pub use assess::{Assessment, assess};
pub(crate) use extras::is_nothing;
pub use policies::MatchPolicies;
pub use policy::{MatchPolicy, Required, WatchList};
pub use rule::Rule;

#[cfg(test)]
mod tests;
