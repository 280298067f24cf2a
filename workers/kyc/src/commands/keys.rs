//! `kyc keys`: generates, shows and changes the keys of `KYC_KEYS`.

use std::{collections::BTreeMap, path::Path, process::ExitCode};

use anyhow::{Context, Result};
use kyc_queue::Rewrapped;
use kyc_vault::{Keyring, Vault};
use serde_json::json;
use zeroize::Zeroizing;

use super::{api_keys, private};
use crate::{cli::Keys, output, settings::Settings};

/// Runs a subcommand. `public` and `results` print one key and nothing else, and so does `generate` without `--out`,
/// so that the output can be redirected to a file.
pub(crate) async fn run(command: &Keys, settings: &Settings, json: bool) -> Result<ExitCode> {
    match command {
        Keys::Generate { id, out } => {
            let id = id.clone().unwrap_or_else(new_name);
            let key = Zeroizing::new(Keyring::generate(&id)?);
            match out {
                Some(path) => write(path, &id, &key)?,
                None => output::line(key.as_str())?,
            }
        }
        Keys::Public => output::line(settings.opening_keys()?.public())?,
        Keys::Results { tenant, key } => {
            let vault = Vault::new(settings.opening_keys()?);
            let key = vault.results_key(tenant, key.as_deref())?;
            output::line(format_args!("{}:{}", key.id(), key.to_base64()))?;
        }
        Keys::Rewrap => return rewrap(settings, json).await,
        Keys::Api { command } => return api_keys::run(command, settings, json).await,
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns a name for a key: two keys of one day have different names.
fn new_name() -> String {
    let day = jiff::Zoned::now().strftime("k%Y%m%d");
    format!("{day}-{:06x}", fastrand::u32(..1 << 24))
}

/// Writes a key to a new file. An existing file is left alone, because it may contain the only copy of another key.
fn write(path: &Path, id: &str, key: &str) -> Result<()> {
    let text = Zeroizing::new(format!("{key}\n"));
    private::create(path, text.as_bytes()).with_context(|| {
        format!(
            "the key was not written: --out must name a new file, and {} cannot be made",
            path.display()
        )
    })?;
    output::line(format_args!("The key {id} is in {}", path.display()))
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
