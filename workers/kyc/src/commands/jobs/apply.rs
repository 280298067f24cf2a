//! `kyc jobs retry`, `cancel` and `discard`: one thing done to many jobs, in bounded steps.

use std::{
    io::{self, IsTerminal},
    process::ExitCode,
};

use anyhow::{Context, Result, bail, ensure};
use kyc_domain::VerificationId;
use kyc_gateway::operations::{Action, Executor};
use kyc_queue::{Filter, Seen};
use serde_json::json;

use super::choice::{self, Choice};
use crate::{cli::Chosen, output, settings::Settings};

/// How many jobs are handled at once.
const AT_ONCE: usize = 50;

/// Applies the action to all jobs that were chosen. The exit code is 1 if it was not done to one of them.
pub(crate) async fn run(
    action: &'static Action,
    chosen: &Chosen,
    settings: &Settings,
    json: bool,
) -> Result<ExitCode> {
    let choice = choice::choice(chosen, action.places)?;
    let blobs = action.with_images.then(|| settings.blobs()).transpose()?;
    let queue = settings.connect().await?;
    let (ids, seen) = match choice {
        Choice::Ids(ids) => (ids, None),
        Choice::Matching(mut filter) => {
            let (place, at) = (filter.place, queue.now().await?);
            filter.seen_at = Some(at);
            let kinds: Vec<&str> = kyc_kinds::names().collect();
            // The ids are read once, so that the jobs that were counted are those that are changed. A million take 16 MB.
            let ids = queue.select(&filter, &kinds).await?;
            if !ids.is_empty() && !chosen.yes {
                confirm(action, &filter, ids.len())?;
            }
            (ids, Some(Seen { place, at }))
        }
    };
    let mut report = Report {
        action,
        json,
        each: seen.is_none(),
        done: 0,
        not_done: 0,
    };
    let executor = Executor { queue, blobs, seen };
    for some in ids.chunks(AT_ONCE) {
        for (id, became) in executor.apply_all(action, some).await {
            let rest = || report.so_far();
            let became = became.with_context(rest)?;
            report.tell(id, became.as_deref())?;
        }
    }
    report.end()
}

/// Asks for confirmation at the terminal.
fn confirm(action: &Action, filter: &Filter, count: usize) -> Result<()> {
    let (place, such) = (filter.place, choice::words(filter));
    let price = action.price(place);
    let many = format!("{count} {place} {}{such}{price}", jobs(count));
    ensure!(
        io::stdin().is_terminal(),
        "{many} match, and nobody can be asked, so nothing was done: add --yes to confirm"
    );
    eprint!("{} {many}? [y/N] ", action.verb);
    let mut answer = String::new();
    io::stdin()
        .read_line(&mut answer)
        .context("standard input")?;
    if !matches!(answer.trim(), "y" | "Y" | "yes") {
        bail!("nothing was done");
    }
    Ok(())
}

fn jobs(count: usize) -> &'static str {
    if count == 1 { "job" } else { "jobs" }
}

/// The counts of jobs that were done and not done.
struct Report {
    action: &'static Action,
    json: bool,
    /// Whether jobs that were done are also printed one by one.
    each: bool,
    done: usize,
    not_done: usize,
}

impl Report {
    fn tell(&mut self, id: VerificationId, why_not: Option<&str>) -> Result<()> {
        let Some(why) = why_not else {
            self.done += 1;
            return match (self.each, self.json) {
                (false, _) => Ok(()),
                (true, false) => output::tell(format_args!("{id} {}", self.action.done)),
                (true, true) => output::tell(json!({ "id": id, "done": true })),
            };
        };
        self.not_done += 1;
        if self.json {
            return output::tell(json!({ "id": id, "done": false, "why": why }));
        }
        eprintln!("{id} is not {}: {why}", self.action.done);
        Ok(())
    }

    fn so_far(&self) -> String {
        let Self { action, done, .. } = self;
        format!("stopped; {done} {} {} before", jobs(*done), action.done)
    }

    fn end(&self) -> Result<ExitCode> {
        let Self { done, not_done, .. } = *self;
        if self.json {
            output::tell(json!({ self.action.done: done, "not_done": not_done }))?;
        } else if !self.each {
            output::tell(format_args!("{done} {} {}", jobs(done), self.action.done))?;
        }
        Ok(if not_done == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}
