//! `kyc doctor`: checks everything that a worker needs, and prints a sentence about each check.

mod disk;
mod finding;
mod key_records;
mod provider;
mod server;

use std::process::ExitCode;

use anyhow::{Context, Result};
use kyc_queue::Queue;

pub(crate) use provider::reach;
pub(crate) use server::evicts;

use crate::{cli::Doctor, output, settings::Settings};
use finding::{Check, Finding, Works, check};

/// Runs all checks. The exit code is 1 if one of them failed.
pub(crate) async fn run(args: &Doctor, settings: &Settings, json: bool) -> Result<ExitCode> {
    let mut connected = None;
    let mut checks = vec![
        check("settings", async { every_setting(settings) }).await,
        check("files", async { Ok(files(settings)) }).await,
        check("keys", async { keys(settings) }).await,
        check("redis", redis(settings, &mut connected)).await,
        check("blob store", blobs(settings)).await,
    ];
    let records = key_records::works(settings, connected.as_ref());
    checks.push(check("key records", records).await);
    if !args.local {
        checks.push(check("provider", provider(settings)).await);
    }
    if let Some(queue) = connected {
        checks.extend(server::checks(&queue).await);
        checks.push(check("parked kinds", parked(&queue)).await);
    }
    let well = checks.iter().all(|check| check.finding != Finding::Bad);
    if json {
        output::line(serde_json::json!({ "well": well, "checks": checks }))?;
    } else {
        let told = |check: &&Check| !args.quiet || check.finding == Finding::Bad;
        checks.iter().filter(told).try_for_each(tell)?;
    }
    Ok(if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn tell(check: &Check) -> Result<()> {
    let mark = match check.finding {
        Finding::Good => "ok  ",
        Finding::Warning => "note",
        Finding::Bad => "BAD ",
    };
    output::line(format_args!(
        "{mark}  {:<18} {}",
        check.check, check.sentence
    ))
}

fn every_setting(settings: &Settings) -> Result<String> {
    settings.start_log()?;
    settings.queue()?;
    settings.rules()?;
    settings.work("doctor")?;
    settings.probe_listen()?;
    settings.inbox()?;
    settings.client()?;
    Ok("every setting can be read".to_owned())
}

fn files(settings: &Settings) -> Works {
    let exposed = settings.exposed_files();
    let caution = !exposed.is_empty();
    let sentence = if caution {
        exposed.join("; ")
    } else {
        "no file with secrets is open to other users".to_owned()
    };
    Works { sentence, caution }
}

fn keys(settings: &Settings) -> Result<String> {
    settings.opening_keys()?;
    Ok("there are keys to seal and open with".to_owned())
}

/// Checks the connection, and stores it in `connected` for the checks of the server.
async fn redis(settings: &Settings, connected: &mut Option<Queue>) -> Result<String> {
    let queue = connected.insert(settings.connect().await?);
    queue.ping().await?;
    Ok("Redis answers, and the queue opens with our keys".to_owned())
}

async fn blobs(settings: &Settings) -> Result<String> {
    settings
        .blobs()?
        .check()
        .await
        .context("check KYC_BLOB_URL")?;
    Ok("an object was written, read and deleted".to_owned())
}

async fn provider(settings: &Settings) -> Result<Works> {
    let sandbox = provider::answers(settings).await?;
    let sentence = if sandbox {
        "answers, but it is a SANDBOX: every person in it is made up"
    } else {
        "answers; no call was paid for this check"
    };
    Ok(Works {
        sentence: sentence.to_owned(),
        caution: sandbox,
    })
}

async fn parked(queue: &Queue) -> Result<Works> {
    let kinds: Vec<&str> = kyc_kinds::names().collect();
    let parked = queue.parked(&kinds).await?;
    let names: Vec<String> = parked
        .iter()
        .map(|parked| format!("{} ({})", parked.kind, parked.reason))
        .collect();
    let sentence = if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    };
    Ok(Works {
        sentence,
        caution: !names.is_empty(),
    })
}
