//! `kyc result`: one verification.

use std::{
    io::{IsTerminal as _, Write as _},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Result, anyhow};
use kyc_domain::VerificationId;
use kyc_queue::{Queue, State, Verification};

use super::id;
use crate::{
    cli::ResultOf,
    output,
    settings::{Settings, duration},
};

/// Shows a verification. The exit code tells its state.
pub(crate) async fn run(args: &ResultOf, settings: &Settings, json: bool) -> Result<ExitCode> {
    let id = id(&args.id)?;
    let at_most = duration(&args.timeout).map_err(|remedy| anyhow!("--timeout: {remedy}"))?;
    let queue = settings.connect_opening().await?;
    if args.answer {
        return answer(&queue, id).await;
    }
    let at_most = if args.wait { at_most } else { Duration::ZERO };
    wait_and_show(&queue, id, at_most, json).await
}

/// Writes the answer that is kept with a verification, as the provider sent it.
async fn answer(queue: &Queue, id: VerificationId) -> Result<ExitCode> {
    let Some(kept) = queue.retained_answer(id).await? else {
        eprintln!("kyc: no answer is kept with {id}: it could be read, or keep_unreadable is over");
        return Ok(ExitCode::from(5));
    };
    let body = kyc_verification::retained_body(&kept);
    let body = body
        .ok_or_else(|| anyhow!("this version cannot read the answer: another version stored it"))?;
    let mut out = std::io::stdout().lock();
    let shown = output::for_a_terminal(&body, out.is_terminal());
    output::written(out.write_all(&shown))?;
    Ok(ExitCode::SUCCESS)
}

/// Waits at most `at_most` for the end of a verification, and shows it.
pub(crate) async fn wait_and_show(
    queue: &Queue,
    id: VerificationId,
    at_most: Duration,
    json: bool,
) -> Result<ExitCode> {
    let known = if at_most.is_zero() {
        queue.look(id).await?
    } else {
        queue.wait(id, at_most).await?
    };
    let Some(known) = known else {
        return Ok(unknown(id));
    };
    if json {
        output::line(known.to_json())?;
    } else {
        output::line(output::progress(&known))?;
    }
    Ok(exit_code(&known))
}

/// Prints that there is no such verification, and returns the exit code for it.
pub(crate) fn unknown(id: VerificationId) -> ExitCode {
    eprintln!(
        "kyc: there is no verification {id}: it was never accepted here, or its retention is over"
    );
    ExitCode::from(5)
}

/// Returns the exit code for the state of a verification.
pub(crate) fn exit_code(known: &Verification) -> ExitCode {
    match known.state {
        State::Completed => ExitCode::SUCCESS,
        State::Waiting | State::Running => ExitCode::from(3),
        State::Dead | State::Cancelled => ExitCode::from(4),
    }
}
