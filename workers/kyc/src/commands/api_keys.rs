//! `kyc keys api`: the keys of callers of the HTTP API.

use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use jiff::Timestamp;
use kyc_gateway::{NewKey, NewKeyError};
use kyc_queue::{ApiKey, Role};
use serde_json::{Value, json};

use crate::{
    cli::ApiKeys,
    output,
    settings::{Settings, duration},
};

/// Creates, lists or revokes API keys.
pub(crate) async fn run(command: &ApiKeys, settings: &Settings, json: bool) -> Result<ExitCode> {
    match command {
        ApiKeys::Create {
            tenant,
            role,
            expires,
            rate,
            note,
        } => {
            let expires = expires.as_deref();
            let new = NewKey {
                tenant: tenant.clone(),
                roles: roles(role)?,
                note: note.clone(),
                rate: *rate,
                expires_at: expires
                    .map(|text| expiry(Timestamp::now(), text))
                    .transpose()?,
            };
            let queue = settings.connect().await?;
            let (token, key) = new.create(&queue).await.map_err(flags)?;
            let token = token.expose();
            if json {
                output::line(json!({ "key": *token, "id": key.id }))?;
            } else {
                output::line(token.as_str())?;
                eprintln!(
                    "This is the only time that the key is shown. Its id is {}.",
                    key.id
                );
            }
        }
        ApiKeys::List => {
            for key in settings.connect().await?.api_keys().await? {
                show(&key, json)?;
            }
        }
        ApiKeys::Revoke { id } => {
            let revoked = settings.connect().await?.revoke_api_key(id).await?;
            let revoked = revoked.with_context(|| format!("there is no API key {id}"))?;
            show(&revoked, json)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn roles(names: &[String]) -> Result<Vec<Role>> {
    let roles: Result<Vec<Role>, _> = names.iter().map(|name| name.trim().parse()).collect();
    roles.context("--role")
}

/// Names the flags that are wrong.
fn flags(error: NewKeyError) -> anyhow::Error {
    match error {
        NewKeyError::NoTenant => {
            anyhow!("--tenant is missing: submit, read and reveal concern the jobs of one tenant")
        }
        NewKeyError::OfTheQueue => anyhow!(
            "--role operate and --role admin concern the whole queue: create another key for them, without --tenant"
        ),
        other => other.into(),
    }
}

fn expiry(now: Timestamp, text: &str) -> Result<Timestamp> {
    let time = duration(text).map_err(|remedy| anyhow::anyhow!("--expires {text}: {remedy}"))?;
    now.checked_add(time).context("--expires is too far away")
}

fn show(key: &ApiKey, json: bool) -> Result<()> {
    let is_valid = key.is_valid_at(Timestamp::now());
    let state = match key.revoked_at {
        Some(_) => "revoked",
        None if is_valid => "valid",
        None => "expired",
    };
    if json {
        let mut shown = serde_json::to_value(key)?;
        if let Value::Object(fields) = &mut shown {
            fields.remove("secret_hash");
            fields.insert("state".to_owned(), state.into());
        }
        return output::line(shown);
    }
    let roles: Vec<&str> = key.roles.iter().map(|role| role.as_str()).collect();
    let tenant = key.tenant.as_deref().unwrap_or("-");
    output::line(format_args!(
        "{}  {state:<8} {tenant:<16} {:<22} {}",
        key.id,
        roles.join(","),
        key.note
    ))
}
