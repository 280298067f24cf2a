//! The commands, one module each.

pub(crate) mod acl;
pub(crate) mod api_keys;
pub(crate) mod assess;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod enqueue;
pub(crate) mod explain;
pub(crate) mod images;
mod inboxes;
pub(crate) mod jobs;
mod key_status;
pub(crate) mod keys;
pub(crate) mod limits;
pub(crate) mod manual;
mod private;
pub(crate) mod queue;
pub(crate) mod rejected;
mod reload;
pub(crate) mod result;
pub(crate) mod results;
pub(crate) mod sandbox;
pub(crate) mod serve;
pub(crate) mod settings;
mod signals;
mod stop;
pub(crate) mod tenants;
pub(crate) mod work;

use std::io::Read as _;

use anyhow::{Context as _, Result};
use kyc_domain::VerificationId;

pub(crate) use signals::{Signals, told_to_stop};

/// Parses an id from the command line.
pub(crate) fn id(text: &str) -> Result<VerificationId> {
    Ok(text.parse::<VerificationId>()?)
}

/// Returns a number from the command line, or from standard input if it is `-`.
pub(crate) fn given_or_read(number: &str) -> Result<String> {
    if number != "-" {
        return Ok(number.to_owned());
    }
    let mut text = String::new();
    std::io::stdin()
        .take(1024)
        .read_to_string(&mut text)
        .context("standard input")?;
    Ok(text.trim().to_owned())
}

/// Resolves when standard input has ended.
pub(crate) async fn stdin_ended() {
    let mut stdin = tokio::io::stdin();
    // The input is ignored, and an error counts as its end.
    let _ = tokio::io::copy(&mut stdin, &mut tokio::io::sink()).await;
}
