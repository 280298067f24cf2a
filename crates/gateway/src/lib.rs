#![doc = include_str!("../README.md")]

mod admin;
mod batches;
mod caller;
mod client;
mod cors;
mod docs;
mod document;
mod edge;
mod events;
mod extract;
mod gateway;
mod keys;
pub mod operations;
mod problem;
mod ready;
mod router;
mod server;
mod verifications;

pub use caller::{NotAToken, Token};
pub use client::Proxies;
pub use cors::Origins;
pub use document::document;
pub use gateway::{Config, Gateway};
pub use keys::{NewKey, NewKeyError};
pub use problem::{FieldError, Kind, Problem};
pub use router::router;
pub use server::{Limits, Server, TlsFiles};
