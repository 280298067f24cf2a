//! The arguments of `kyc keys`.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Keys {
    /// Makes a new key, ready for KYC_KEYS, and prints it
    Generate {
        /// The key's name [default: today's date and six random characters]
        id: Option<String>,
        /// Writes the key to this new file, which only you can read, and does not print it
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Prints the public key, for producers: it seals jobs and opens nothing
    Public,
    /// Prints the key with which a tenant's application checks its results
    Results {
        /// The tenant
        #[arg(long, value_name = "NAME")]
        tenant: String,
        /// The key of KYC_KEYS that it is derived from [default: the active one]
        #[arg(long, value_name = "ID")]
        key: Option<String>,
    },
    /// Makes a new index key, by which new jobs are found by number, reference and idempotency key
    ///
    /// Jobs that were indexed by an older key are still found. kyc keys rewrap indexes their numbers by the new key.
    RotateIndex,
    /// Wraps all data keys for the active key, and indexes all numbers by the newest index key, so that older keys can be removed
    Rewrap,
}
