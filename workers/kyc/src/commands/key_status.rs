//! `kyc keys status`: what each key still holds.

use std::process::ExitCode;

use anyhow::Result;
use kyc_queue::KeyUsage;
use serde_json::{Value, json};

use crate::{output, settings::Settings};

/// A key with what it holds.
struct Key {
    id: String,
    /// `active`, `older`, or `missing` here.
    state: &'static str,
    usage: KeyUsage,
}

/// Shows all keys that this process has, and those that are needed. The exit code is 1 if one of these is missing.
pub(crate) async fn run(settings: &Settings, json: bool) -> Result<ExitCode> {
    let queue = settings.connect().await?;
    let (mut usage, own) = (queue.key_usage().await?, queue.vault().ids());
    let known = own.into_iter().enumerate().map(|(nth, id)| Key {
        state: if nth == 0 { "active" } else { "older" },
        usage: usage.remove(&id).unwrap_or_default(),
        id,
    });
    let mut keys: Vec<Key> = known.collect();
    keys.extend(usage.into_iter().map(|(id, usage)| Key {
        id,
        state: "missing",
        usage,
    }));
    if json {
        let keys: Vec<Value> = keys.iter().map(Key::to_json).collect();
        output::line(json!({ "keys": keys }))?;
    } else if keys.is_empty() {
        output::line("No key holds anything, and this process has none")?;
    } else {
        for key in &keys {
            output::line(key.sentence())?;
        }
    }
    let is_missing = keys.iter().any(|key| key.state == "missing");
    Ok(ExitCode::from(u8::from(is_missing)))
}

impl Key {
    fn to_json(&self) -> Value {
        let KeyUsage {
            jobs,
            inbox,
            rejected,
            index_keys,
        } = self.usage;
        json!({
            "id": self.id, "state": self.state, "jobs": jobs, "inbox": inbox, "rejected": rejected, "index_keys": index_keys,
        })
    }

    fn sentence(&self) -> String {
        let KeyUsage {
            jobs,
            inbox,
            rejected,
            index_keys,
        } = self.usage;
        let mut holds = Vec::new();
        for (count, what) in [
            (jobs, "jobs"),
            (inbox, "sealed jobs in inboxes"),
            (rejected, "rejected entries of inboxes"),
        ] {
            if count > 0 {
                holds.push(format!("{count} {what}"));
            }
        }
        if index_keys {
            holds.push("the index keys".to_owned());
        }
        let (id, holds) = (&self.id, holds.join(", "));
        match self.state {
            "active" if holds.is_empty() => format!("{id} is active and holds nothing yet"),
            "active" => format!("{id} is active and holds {holds}"),
            "older" if self.usage.is_unused() => format!("{id} holds nothing: it can be removed"),
            "older" => format!("{id} still holds {holds}{}", self.remedy()),
            _ => format!("{id} is missing here, and holds {holds}: add it to KYC_KEYS"),
        }
    }

    /// Returns how the key becomes free.
    fn remedy(&self) -> &'static str {
        match self.usage {
            KeyUsage { jobs: 1.., .. }
            | KeyUsage {
                index_keys: true, ..
            } => ": run kyc keys rewrap",
            KeyUsage { inbox: 1.., .. } => ": workers with the key have to accept them",
            _ => ", until they are dropped (kyc rejected)",
        }
    }
}
