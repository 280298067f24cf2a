//! The arguments of `kyc keys`.

use std::path::PathBuf;

use clap::{Subcommand, value_parser};

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
    /// Shows what each key still holds, and which of them this process has
    ///
    /// A key that holds nothing can be removed. The exit code is 1 if a key is needed that this process lacks.
    Status,
    /// Keys of callers of the HTTP API
    Api {
        #[command(subcommand)]
        command: ApiKeys,
    },
}

#[derive(Subcommand)]
pub(crate) enum ApiKeys {
    /// Makes a new API key and prints it, once
    Create {
        /// The tenant whose jobs it concerns; without it, the key operates the queue
        #[arg(long, value_name = "NAME")]
        tenant: Option<String>,
        /// What it may do: submit, read, reveal, operate, admin; several are separated by commas
        #[arg(long, value_name = "ROLES", value_delimiter = ',', required = true)]
        role: Vec<String>,
        /// When it ends by itself, such as 90d [default: never]
        #[arg(long, value_name = "TIME")]
        expires: Option<String>,
        /// The most requests in a second [default: the setting serve_rate]
        #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..=1_000_000))]
        rate: Option<u32>,
        /// A note for people, such as the name of the application
        #[arg(long, value_name = "TEXT", default_value = "")]
        note: String,
    },
    /// Lists all API keys, without their secrets
    List,
    /// Revokes an API key: within a second no server takes it
    Revoke {
        /// Its id: the 12 characters after `kyc_`
        id: String,
    },
}
