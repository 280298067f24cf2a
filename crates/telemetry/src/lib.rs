#![doc = include_str!("../README.md")]
//!
//! Hides which log library is used, how lines are formatted and how they are cleaned, and who keeps the metrics.

mod filter;
mod format;
mod init;
mod json;
pub mod metrics;
mod panic;
pub mod scan;
mod scrub;
mod writer;

pub use filter::LogError;
pub use format::Format;
pub use init::{LogConfig, init};
pub use panic::install_panic_hook;
pub use scrub::scrub;
