//! Tests of the public interface: with the provider's own bytes, and with the client over real sockets.

#![expect(
    clippy::unwrap_used,
    reason = "the helpers of tests, which the lint does not know as such"
)]

mod contract;
mod contract_nin;
mod encoding;
mod faults;
mod http2;
mod no_record;
mod reading;
mod repairs;
mod server;
mod settings;
mod silence;
mod statuses;
mod tls;
