//! `kyc keys api`: the keys of callers of the HTTP API.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use kyc_gateway::Token;
use kyc_queue::{ApiKey, Queue, Role};
use serde_json::{Value, json};

use super::tenants::named;
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
            let token = Token::generate();
            let now = Timestamp::now();
            let expires_at = expires
                .as_deref()
                .map(|text| expiry(now, text))
                .transpose()?;
            let key = ApiKey {
                id: token.id().to_owned(),
                secret_hash: token.secret_hash(),
                tenant: tenant.clone(),
                roles: roles(role, tenant.as_deref())?,
                note: note.clone(),
                rate: *rate,
                created_at: now,
                expires_at,
                revoked_at: None,
            };
            create(&settings.connect().await?, &key).await?;
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

/// Stores a key. Its tenant gets an inbox if it has none, since its jobs go there.
pub(crate) async fn create(queue: &Queue, key: &ApiKey) -> Result<()> {
    if let Some(tenant) = &key.tenant {
        let tenant = named(tenant)?;
        if tenant.as_str() != "default" {
            queue.add_tenant(tenant.as_str()).await?;
        }
    }
    if !queue.add_api_key(key).await? {
        bail!("an API key with this id exists; try again");
    }
    Ok(())
}

fn roles(names: &[String], tenant: Option<&str>) -> Result<Vec<Role>> {
    let roles: Result<Vec<Role>, _> = names.iter().map(|name| name.trim().parse()).collect();
    let mut roles = roles.context("--role")?;
    roles.sort_unstable();
    roles.dedup();
    let of_the_queue = roles.iter().filter(|role| role.is_of_the_queue()).count();
    match tenant {
        Some(_) if of_the_queue > 0 => bail!(
            "--role operate and --role admin concern the whole queue: create another key for them, without --tenant"
        ),
        None if of_the_queue < roles.len() => {
            bail!("--tenant is missing: submit, read and reveal concern the jobs of one tenant")
        }
        _ => Ok(roles),
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
