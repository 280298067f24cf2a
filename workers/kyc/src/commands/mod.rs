//! The commands, one module each.

pub(crate) mod acl;
pub(crate) mod assess;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod enqueue;
pub(crate) mod explain;
pub(crate) mod images;
mod inboxes;
pub(crate) mod jobs;
pub(crate) mod keys;
pub(crate) mod limits;
pub(crate) mod queue;
pub(crate) mod rejected;
mod reload;
pub(crate) mod result;
pub(crate) mod results;
pub(crate) mod sandbox;
pub(crate) mod settings;
mod signals;
mod stop;
pub(crate) mod tenants;
mod totals;
pub(crate) mod work;

use std::{
    fs::{OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

use anyhow::Result;
use kyc_domain::VerificationId;

pub(crate) use signals::{Signals, told_to_stop};
pub(crate) use totals::Totals;

/// Parses an id from the command line.
pub(crate) fn id(text: &str) -> Result<VerificationId> {
    Ok(text.parse::<VerificationId>()?)
}

/// Writes a file that only its owner can read.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    const OWNER_ONLY: u32 = 0o600;
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(OWNER_ONLY)
        .open(path)?;
    // A file that existed before keeps its mode when it is opened.
    file.set_permissions(Permissions::from_mode(OWNER_ONLY))?;
    file.write_all(bytes)
}

/// Resolves when standard input has ended.
pub(crate) async fn stdin_ended() {
    let mut stdin = tokio::io::stdin();
    // The input is ignored, and an error counts as its end.
    let _ = tokio::io::copy(&mut stdin, &mut tokio::io::sink()).await;
}
