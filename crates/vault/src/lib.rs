#![doc = include_str!("../README.md")]

mod cipher;
mod data_key;
mod envelope;
mod error;
mod index;
mod keyring;
mod layout;
mod vault;

pub use data_key::DataKey;
pub use envelope::Envelope;
pub use error::{KeyringError, OpenError};
pub use index::IndexKey;
pub use keyring::Keyring;
pub use vault::{Opened, Vault};
