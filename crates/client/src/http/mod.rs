//! The HTTP API of `kyc serve`: submit verifications, wait for their ends, follow events.

mod client;
mod error;
mod events;
#[cfg(test)]
mod fields;
mod filter;
mod retry;
mod send;
mod sse;
mod view;

pub use client::{Client, Config};
pub use error::{Error, Fault, FieldError, Problem};
pub use events::{Event, Events, Told};
pub use filter::Filter;
pub use view::{
    Attempt, Check, CheckResult, Image, Page, Private, Reason, State, Submitted, Verdict,
    Verification, Waiting,
};
