//! `kyc keys`: generates, shows and changes the keys of `KYC_KEYS`.

use std::{collections::BTreeMap, path::Path, process::ExitCode};

use anyhow::{Context, Result};
use kyc_kinds::Rules;
use kyc_queue::Rewrapped;
use kyc_vault::{Keyring, Vault};
use serde_json::json;
use zeroize::Zeroizing;

use super::{api_keys, key_status, private};
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
        Keys::RotateIndex => rotate_index(settings, json).await?,
        Keys::Rewrap => return rewrap(settings, json).await,
        Keys::Status => return key_status::run(settings, json).await,
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

/// Makes a new index key.
async fn rotate_index(settings: &Settings, json: bool) -> Result<()> {
    let queue = settings.connect_opening().await?;
    let ids = queue.rotate_index().await?;
    if json {
        return output::line(json!({ "index_keys": ids }));
    }
    let [newest, older @ ..] = ids.as_slice() else {
        return Ok(());
    };
    output::line(format_args!(
        "New jobs are indexed by the key {newest}; older keys are {}. kyc keys rewrap indexes the numbers of older jobs by the new one",
        older.join(", ")
    ))
}

/// Wraps all data keys for the active key, moves key records to where they belong, and indexes all numbers by the newest index key. The exit code is 1 if some could not be opened.
async fn rewrap(settings: &Settings, json: bool) -> Result<ExitCode> {
    let queue = settings.connect_opening().await?;
    let done = queue
        .rewrap(
            |request| kyc_kinds::parse(request, Rules::ACCEPTED),
            |seen| eprintln!("{seen} key records were read"),
        )
        .await?;
    let Rewrapped {
        read,
        rewrapped,
        moved,
        erased,
        index_key,
        unopened,
        rejected,
        reindexed,
        not_reindexed,
        index_keys,
        dropped_index_keys,
    } = &done;
    if json {
        output::line(json!({
            "read": read, "rewrapped": rewrapped, "moved": moved, "erased": erased, "index_key": index_key,
            "unopened": unopened, "rejected": rejected, "reindexed": reindexed, "not_reindexed": not_reindexed,
            "index_keys": index_keys, "dropped_index_keys": dropped_index_keys,
        }))?;
    } else {
        output::line(format_args!(
            "{rewrapped} of {read} key records were wrapped anew"
        ))?;
        if *moved > 0 {
            output::line(format_args!(
                "{moved} were moved to where key_records wants them"
            ))?;
        }
        if *erased > 0 {
            output::line(format_args!("{erased} are gone: their jobs were erased"))?;
        }
        for (key, count) in unopened {
            output::line(format_args!(
                "{count} need the key {key}, which is missing or another one"
            ))?;
        }
        for line in of_index_keys(&done) {
            output::line(line)?;
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

/// Says what became of the indexes.
fn of_index_keys(done: &Rewrapped) -> Vec<String> {
    let mut lines = Vec::new();
    if done.reindexed > 0 {
        let count = done.reindexed;
        lines.push(format!(
            "The numbers of {count} jobs are indexed by the newest index key now"
        ));
    }
    if done.not_reindexed > 0 {
        let count = done.not_reindexed;
        lines.push(format!(
            "The numbers of {count} jobs could not be indexed anew, because the jobs do not open"
        ));
    }
    for key in &done.dropped_index_keys {
        lines.push(format!("The index key {key} was dropped: no job needs it"));
    }
    for (key, count) in &done.index_keys {
        lines.push(format!(
            "The index key {key} stays: {count} jobs with a reference or an idempotency key need it, until they are deleted"
        ));
    }
    lines
}
