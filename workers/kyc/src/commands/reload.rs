//! Keys that change while a worker runs.

use std::{path::Path, time::Duration};

use kyc_vault::{Keyring, Vault};
use secrecy::zeroize::Zeroizing;

/// How often the file with the keys is read.
const BETWEEN_READINGS: Duration = Duration::from_secs(2);

/// Replaces the keys when their file changes. If the new keys cannot be used, the worker goes on with those that it has.
pub(crate) async fn reload_keys(path: String, vault: Vault) {
    let mut known = read(Path::new(&path));
    loop {
        tokio::time::sleep(BETWEEN_READINGS).await;
        let now = read(Path::new(&path));
        if now == known {
            continue;
        }
        match now.as_deref().map(|text| Keyring::parse(text)) {
            Some(Ok(keyring)) => {
                vault.replace(keyring);
                tracing::info!(keys = vault.ids().join(","), "Read the changed keys");
            }
            Some(Err(error)) => tracing::error!(%error, "The keys were changed and cannot be used"),
            None => tracing::error!("The file with the keys was changed and cannot be read"),
        }
        known = now;
    }
}

fn read(path: &Path) -> Option<Zeroizing<String>> {
    std::fs::read_to_string(path).map(Zeroizing::new).ok()
}
