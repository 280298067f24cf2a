//! The HTTP API, with real servers, workers, Redis and sockets.
#![expect(
    clippy::unwrap_used,
    reason = "an unexpected result in a helper fails the test"
)]

mod attacks;
mod cors;
mod docs;
mod keys;
mod refused;
mod stop;
mod support;
mod tenants;
mod tls;
mod verifications;
