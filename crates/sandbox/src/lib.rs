#![doc = include_str!("../README.md")]

mod answer;
pub mod arrivals;
mod case;
mod config;
mod door;
mod fault;
mod identity;
mod images;
mod kind;
mod ledger;
mod people;
mod provider;
mod record;
pub mod redis;
mod routes;
mod server;
mod trouble;

pub use case::{CASES, Case};
pub use config::{Compression, Config};
pub use fault::Retry;
pub use identity::identity;
pub use ledger::Stats;
pub use server::Sandbox;
pub use trouble::Trouble;
