//! The HTTP API, with real servers, workers, Redis and sockets.
#![expect(
    clippy::unwrap_used,
    reason = "an unexpected result in a helper fails the test"
)]

mod batch_large;
mod batches;
mod keys;
mod refused;
mod support;
mod tenants;
mod verifications;
