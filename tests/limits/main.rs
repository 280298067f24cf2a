//! The limits of the fleet, measured at the provider. Where milliseconds count, nothing else runs: this is a binary of its
//! own, and its tests go one at a time.
#![expect(
    clippy::unwrap_used,
    reason = "what a test's helper does not expect fails the test"
)]

mod account;
mod fleet;
mod one_subject;
mod outage;
mod parking;
mod rates;
mod tenants;

use tokio::sync::{Mutex, MutexGuard};

/// To be held by a test while it measures.
async fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::const_new(());
    ALONE.lock().await
}
