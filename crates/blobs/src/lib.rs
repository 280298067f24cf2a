#![doc = include_str!("../README.md")]

mod copy;
mod disk;
mod error;
mod format;
mod key;
mod leftovers;
mod location;
mod outcome;
mod records;
mod sealed;
mod store;
mod text;
mod verifications;
mod whole;

pub use error::{Action, OpenStoreError, ReadImageError, StoreError};
pub use outcome::{Flaw, Image, Kept, Unusable};
pub use sealed::sha256;
pub use store::{Blobs, Config};
