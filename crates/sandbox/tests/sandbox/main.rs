//! The sandbox over real sockets, asked by a client that shares nothing with it.

#![expect(clippy::unwrap_used, reason = "a test ends where something fails")]

mod api;
mod arrivals;
mod comeback;
mod faults;
mod images;
mod private_redis;
mod support;
mod traffic;
mod trouble;
