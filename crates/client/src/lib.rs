#![doc = include_str!("../README.md")]

mod authenticity;
#[cfg(feature = "http")]
pub mod http;
mod job;
pub mod redis;
mod result;
mod sealed;

pub use authenticity::{Authenticity, Trusted};
pub use job::{Job, Passport};
pub use result::JobResult;
pub use sealed::SealedJob;

pub use jiff::Timestamp;
pub use kyc_domain::{Claim, Priority, Refusal, Refusals, Request};
pub use kyc_kinds::Rules;
pub use kyc_vault::{KeyringError, PublicKey, ResultsKey};
