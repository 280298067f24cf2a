//! The HTTP API, with real servers, workers, Redis and sockets.
#![expect(
    clippy::unwrap_used,
    reason = "an unexpected result in a helper fails the test"
)]

mod admin_bulk;
mod admin_limits;
mod admin_queue;
mod attacks;
mod batch_large;
mod batches;
mod client;
mod cors;
mod docs;
mod events;
mod keys;
mod refused;
mod rights;
mod sse;
mod stop;
mod support;
mod tenants;
mod tls;
mod together;
mod verifications;
mod waiters;
