#![doc = include_str!("../README.md")]

mod caller;
mod document;
mod edge;
mod events;
mod extract;
mod gateway;
mod problem;
mod router;
mod server;
mod verifications;

pub use caller::{NotAToken, Token};
pub use document::document;
pub use gateway::{Config, Gateway};
pub use problem::{FieldError, Kind, Problem};
pub use router::router;
pub use server::{Limits, Server, TlsFiles};
