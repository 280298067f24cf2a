//! `kyc limits`: shows and sets the limits of the whole fleet, pauses and resumes kinds.

mod given;
mod pause;
mod scope;

use std::process::ExitCode;

use anyhow::Result;
use kyc_queue::{LimiterView, Queue};

pub(crate) use self::pause::{pause, resume};
use crate::{cli::Limits, output, settings::Settings};

/// Runs the subcommand.
pub(crate) async fn run(
    command: Option<&Limits>,
    settings: &Settings,
    json: bool,
) -> Result<ExitCode> {
    match command.unwrap_or(&Limits::Show) {
        Limits::Show => show(settings, json).await?,
        Limits::Set { scope, given } => {
            let scope = scope::one(scope)?;
            let given = given::read(given)?;
            let queue = settings.connect().await?;
            let limits = given.over(&queue.limits(scope).await?)?;
            set(&queue, scope, &limits, json).await?;
        }
        Limits::Clear { scope } => {
            let scope = scope::one(scope)?;
            let queue = settings.connect().await?;
            set(&queue, scope, &kyc_queue::Limits::default(), json).await?;
        }
        Limits::Pause(scopes) => pause(scopes, settings, json).await?,
        Limits::Resume(scopes) => resume(scopes, settings, json).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn show(settings: &Settings, json: bool) -> Result<()> {
    let limiters = limiters(&settings.connect().await?).await?;
    if json {
        output::line(serde_json::to_string(&limiters)?)
    } else {
        output::line(output::limiters(&limiters))
    }
}

/// Sets all limits of a scope, and shows the new state.
async fn set(queue: &Queue, scope: &str, limits: &kyc_queue::Limits, json: bool) -> Result<()> {
    queue.set_limits(scope, limits).await?;
    let mut limiters = limiters(queue).await?;
    limiters.retain(|limiter| limiter.scope == scope);
    if !json {
        return output::line(output::limiters(&limiters));
    }
    for limiter in &limiters {
        output::line(serde_json::to_string(limiter)?)?;
    }
    Ok(())
}

/// Returns the limiters of all kinds; the last is that of the account.
async fn limiters(queue: &Queue) -> Result<Vec<LimiterView>> {
    let kinds: Vec<&str> = kyc_kinds::names().collect();
    Ok(queue.limiters(&kinds).await?)
}
