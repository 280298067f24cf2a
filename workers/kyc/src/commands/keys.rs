//! `kyc keys`: generates keys for `KYC_KEYS`.

use std::process::ExitCode;

use anyhow::Result;
use kyc_vault::Keyring;

use crate::{cli::Keys, output};

/// Prints a new key and nothing else, so that the output can be redirected to a file.
pub(crate) fn run(command: &Keys) -> Result<ExitCode> {
    let Keys::Generate { id } = command;
    let today = jiff::Zoned::now().strftime("k%Y%m%d").to_string();
    output::line(Keyring::generate(id.as_deref().unwrap_or(&today))?)?;
    Ok(ExitCode::SUCCESS)
}
