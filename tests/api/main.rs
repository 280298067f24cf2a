//! The HTTP API, with real servers, workers, Redis and sockets.
#![expect(
    clippy::unwrap_used,
    reason = "an unexpected result in a helper fails the test"
)]

mod client;
mod events;
mod keys;
mod refused;
mod sse;
mod support;
mod tenants;
mod verifications;
mod waiters;
