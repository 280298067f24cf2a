//! Formats what commands print, for a terminal.

mod assessment;
mod explanation;
mod inboxes;
mod jobs;
mod limits;
mod progress;
mod queue;
mod table;
mod waiting;

use std::{
    borrow::Cow,
    fmt::Display,
    io::{self, Write as _},
};

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use kyc_domain::Refusals;

pub(crate) use self::{
    assessment::changes,
    explanation::{assessed, explanation},
    inboxes::inboxes,
    jobs::{card, jobs},
    limits::{limiters, way_out},
    progress::{ERASED, progress},
    queue::{QueueStats, stats},
    table::table,
    waiting::sentence as why_not_yet,
};
use crate::settings::WrongSetting;

/// The reader of standard output has closed it.
#[derive(Debug, thiserror::Error)]
#[error("standard output is closed")]
pub(crate) struct Closed;

/// Writes a line to standard output.
///
/// # Errors
/// [`Closed`], where `println!` would panic.
pub(crate) fn line(line: impl Display) -> Result<()> {
    written(writeln!(io::stdout(), "{line}"))
}

/// Writes a line about one of many actions. A closed standard output is ignored, so that the remaining actions are done.
pub(crate) fn tell(what: impl Display) -> Result<()> {
    line(what).or_else(|error| match error.is::<Closed>() {
        true => Ok(()),
        false => Err(error),
    })
}

/// Converts the result of a write to standard output: a broken pipe becomes [`Closed`].
pub(crate) fn written(wrote: io::Result<()>) -> Result<()> {
    wrote.map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Closed.into(),
        _ => anyhow::Error::new(error).context("standard output cannot be written"),
    })
}

/// Prepares bytes from elsewhere for printing. On a terminal, control characters are replaced, because they could control
/// it. A file gets the bytes unchanged.
pub(crate) fn for_a_terminal(bytes: &[u8], is_terminal: bool) -> Cow<'_, [u8]> {
    if !is_terminal {
        return Cow::Borrowed(bytes);
    }
    let text = String::from_utf8_lossy(bytes);
    let harmless = |c: char| {
        if c.is_control() && c != '\n' {
            '\u{FFFD}'
        } else {
            c
        }
    };
    Cow::Owned(text.chars().map(harmless).collect::<String>().into_bytes())
}

/// Formats an error as one sentence. As a last line of defence, numbers and addresses in it are masked.
pub(crate) fn trouble(error: &anyhow::Error) -> String {
    let text = format!("{error:#}");
    // These never repeat the refused value, and scrubbing would mask the example in the remedy.
    if error.is::<Refusals>() || error.is::<WrongSetting>() {
        return text;
    }
    kyc_telemetry::scrub(&text).into_owned()
}

/// Returns a progress bar over the bytes of a file. It is hidden if standard error is not a terminal.
pub(crate) fn bytes(total: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {percent}% {bytes}/{total_bytes} {eta}");
    let bar = if total == 0 {
        ProgressBar::new_spinner()
    } else {
        ProgressBar::new(total)
    };
    style.map_or_else(
        |_| ProgressBar::hidden(),
        |style| bar.clone().with_style(style),
    )
}

/// Returns a progress bar over `total` items. It is hidden if standard error is not a terminal.
pub(crate) fn count(total: u64) -> ProgressBar {
    let bar = ProgressBar::new(total);
    match ProgressStyle::with_template("{bar:40} {percent}% {human_pos} of {human_len} {eta}") {
        Ok(style) => bar.with_style(style),
        Err(_) => ProgressBar::hidden(),
    }
}
