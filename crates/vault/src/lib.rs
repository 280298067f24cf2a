#![doc = include_str!("../README.md")]

mod cipher;
mod data_key;
mod envelope;
mod error;
mod exchange;
mod index;
mod keyring;
mod opened;
mod owner;
mod part;
mod public_key;
mod record;
mod results;
mod text;
mod vault;

pub use cipher::sha256;
pub use data_key::DataKey;
pub use envelope::Envelope;
pub use error::{KeyringError, OpenError, SealError};
pub use index::IndexKey;
pub use keyring::Keyring;
pub use opened::Opened;
pub use owner::Owner;
pub use public_key::PublicKey;
pub use record::{is_record_name, key_id, record_name};
pub use results::ResultsKey;
pub use vault::{Vault, sealed_key_id};
