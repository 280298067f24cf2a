//! `kyc tenants`: the tenants that have an inbox and results of their own.

use std::process::ExitCode;

use anyhow::{Result, anyhow};
use kyc_domain::Tenant;
use serde_json::json;

use crate::{cli::Tenants, output, settings::Settings};

/// Adds, removes or lists tenants.
pub(crate) async fn run(command: &Tenants, settings: &Settings, json: bool) -> Result<ExitCode> {
    let queue = settings.connect().await?;
    match command {
        Tenants::Add { tenant } => {
            let is_new = queue.add_tenant(named(tenant)?.as_str()).await?;
            said(
                json,
                tenant,
                if is_new { "added" } else { "was there already" },
            )?;
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
        Tenants::List => {
            for tenant in queue.tenants().await? {
                if json {
                    output::line(json!({ "tenant": tenant }))?;
                } else {
                    output::line(tenant)?;
                }
            }
        }
    }
    Ok(ExitCode::SUCCESS)
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
