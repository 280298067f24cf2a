//! `kyc keys`: generates, shows and changes the keys of `KYC_KEYS`.

use std::{collections::BTreeMap, process::ExitCode};

use anyhow::Result;
use kyc_queue::Rewrapped;
use kyc_vault::{Keyring, Vault};
use serde_json::json;

use crate::{cli::Keys, output, settings::Settings};

/// Runs a subcommand. `generate`, `public` and `results` print one key and nothing else, so that the output can be
/// redirected to a file.
pub(crate) async fn run(command: &Keys, settings: &Settings, json: bool) -> Result<ExitCode> {
    match command {
        Keys::Generate { id } => {
            let today = jiff::Zoned::now().strftime("k%Y%m%d").to_string();
            output::line(Keyring::generate(id.as_deref().unwrap_or(&today))?)?;
        }
        Keys::Public => output::line(settings.opening_keys()?.public())?,
        Keys::Results { tenant, key } => {
            let vault = Vault::new(settings.opening_keys()?);
            let key = vault.results_key(tenant, key.as_deref())?;
            output::line(format_args!("{}:{}", key.id(), key.to_base64()))?;
        }
        Keys::Rewrap => return rewrap(settings, json).await,
    }
    Ok(ExitCode::SUCCESS)
}

/// Wraps all data keys for the active key. The exit code is 1 if some could not be opened.
async fn rewrap(settings: &Settings, json: bool) -> Result<ExitCode> {
    let queue = settings.connect_opening().await?;
    let done = queue
        .rewrap(|seen| eprintln!("{seen} key records were read"))
        .await?;
    let Rewrapped {
        read,
        rewrapped,
        index_key,
        unopened,
        rejected,
    } = &done;
    if json {
        output::line(json!({
            "read": read, "rewrapped": rewrapped, "index_key": index_key,
            "unopened": unopened, "rejected": rejected,
        }))?;
    } else {
        output::line(format_args!(
            "{rewrapped} of {read} key records were wrapped anew"
        ))?;
        for (key, count) in unopened {
            output::line(format_args!(
                "{count} need the key {key}, which is missing or another one"
            ))?;
        }
        let active = queue.vault().ids().into_iter().next().unwrap_or_default();
        let older: BTreeMap<_, _> = rejected.iter().filter(|(key, _)| **key != active).collect();
        for (key, count) in older {
            output::line(format_args!(
                "{count} rejected entries of the inbox still need the key {key}, until they are dropped"
            ))?;
        }
    }
    Ok(match unopened.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}
