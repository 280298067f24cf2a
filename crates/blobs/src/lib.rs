#![doc = include_str!("../README.md")]

mod copy;
mod error;
mod format;
mod key;
mod location;
mod outcome;
mod picture;
mod store;
mod text;

pub use error::{Action, OpenStoreError, ReadImageError, StoreError};
pub use outcome::{Image, Kept, Unusable};
pub use picture::sha256;
pub use store::{Blobs, Config};
