#![doc = include_str!("../README.md")]
//!
//! Hides which libraries are used for logs and metrics, and how lines are formatted and scrubbed.

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
