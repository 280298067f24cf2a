//! `kyc tenants`: the tenants that have an inbox and results of their own, and how fast their jobs are accepted.

use std::process::ExitCode;

use anyhow::{Result, anyhow, ensure};
use kyc_domain::Tenant;
use kyc_queue::{Queue, Rate, TenantInbox};
use serde_json::json;

use crate::{cli::Tenants, output, settings::Settings};

/// Adds, limits, removes or lists tenants.
pub(crate) async fn run(command: &Tenants, settings: &Settings, json: bool) -> Result<ExitCode> {
    let queue = settings.connect().await?;
    match command {
        Tenants::Add { tenant, accept } => {
            let named = named(tenant)?;
            let rate = accept.as_deref().map(rate).transpose()?;
            // Before the tenant, so that workers do not read its inbox faster at first.
            if let Some(rate) = rate {
                queue.set_acceptance(named.as_str(), rate).await?;
            }
            let is_new = queue.add_tenant(named.as_str()).await?;
            said(
                json,
                tenant,
                if is_new { "added" } else { "was there already" },
            )?;
        }
        Tenants::Limit { tenant, accept } => {
            let named = named(tenant)?;
            let is_default = named == Tenant::default();
            ensure!(
                is_default
                    || queue
                        .tenants()
                        .await?
                        .iter()
                        .any(|known| known == named.as_str()),
                "{tenant} has no inbox of its own: add it with kyc tenants add"
            );
            queue.set_acceptance(named.as_str(), rate(accept)?).await?;
            said(json, tenant, "limited")?;
        }
        Tenants::Remove { tenant } => {
            let was_there = queue.remove_tenant(named(tenant)?.as_str()).await?;
            said(
                json,
                tenant,
                if was_there {
                    "removed"
                } else {
                    "was not there"
                },
            )?;
        }
        Tenants::List => list(&queue, json).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Lists all inboxes.
async fn list(queue: &Queue, json: bool) -> Result<()> {
    let inboxes = queue.inboxes().await?;
    if !json {
        return output::line(output::inboxes(&inboxes));
    }
    for inbox in &inboxes {
        let TenantInbox {
            tenant,
            waiting,
            accept,
            limited_until,
        } = inbox;
        output::line(json!({
            "tenant": tenant, "waiting": waiting, "accept": accept.map(|rate| rate.to_string()),
            "limited_until": limited_until,
        }))?;
    }
    Ok(())
}

/// Parses a rate of acceptance; `None` to remove it.
fn rate(text: &str) -> Result<Option<Rate>> {
    if text == "none" {
        return Ok(None);
    }
    let read = text.parse::<Rate>();
    read.map(Some)
        .map_err(|error| anyhow!("--accept is wrong: {error}"))
}

/// Parses a tenant's name.
pub(crate) fn named(tenant: &str) -> Result<Tenant> {
    Tenant::parse(tenant).map_err(|fault| anyhow!("{tenant} {}: {}", fault.problem, fault.remedy))
}

fn said(json: bool, tenant: &str, what: &str) -> Result<()> {
    if json {
        output::line(json!({ "tenant": tenant, "result": what }))
    } else {
        output::line(format_args!("{tenant} {what}"))
    }
}
