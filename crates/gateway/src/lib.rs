#![doc = include_str!("../README.md")]

mod caller;
mod client;
mod cors;
mod docs;
mod document;
mod edge;
mod extract;
mod gateway;
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
pub use problem::{FieldError, Kind, Problem};
pub use router::router;
pub use server::{Limits, Server, TlsFiles};
