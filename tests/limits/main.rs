//! The limits of the fleet, measured at the provider. Milliseconds count, so this is a separate binary whose tests run one
//! at a time.
#![expect(
    clippy::unwrap_used,
    reason = "an unexpected result in a helper fails the test"
)]

mod account;
mod fleet;
mod one_subject;
mod outage;
mod parking;
mod rates;
mod tenants;

use tokio::sync::{Mutex, MutexGuard};

/// Returns a guard that a test holds while it measures.
async fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::const_new(());
    ALONE.lock().await
}
