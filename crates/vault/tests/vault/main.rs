//! Keyrings, sealed parts and blind indexes, through the public interface only.

mod index;
mod keyring;
mod roles;
mod sealing;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kyc_vault::{Keyring, Vault};

/// `id:base64` with a key that consists of one byte, repeated.
fn entry(id: &str, byte: u8) -> String {
    format!("{id}:{}", BASE64_STANDARD.encode([byte; 32]))
}

fn vault(keys: &str) -> Vault {
    Vault::new(Keyring::parse(keys).expect("the keys are well formed"))
}
