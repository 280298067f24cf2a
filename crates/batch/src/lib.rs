#![doc = include_str!("../README.md")]

mod csv;
mod defaults;
mod format;
mod lines;
mod reader;
mod row;

pub use defaults::Defaults;
pub use format::Format;
pub use reader::Reader;
pub use row::{Row, Unusable};

/// The size of the largest row, in bytes: far more than all fields of a job can hold.
const LARGEST: usize = 64 << 10;
