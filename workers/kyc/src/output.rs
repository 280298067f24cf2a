//! How answers look on a terminal.

mod assessment;
mod explanation;
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
    jobs::{card, jobs},
    limits::{limiters, way_out},
    progress::progress,
    queue::{Standing, stats},
    table::table,
    waiting::sentence as why_not_yet,
};
use crate::settings::WrongSetting;

/// Nobody reads standard output any more.
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

/// Tells what became of one of many. That nobody listens is no reason to leave the rest undone.
pub(crate) fn tell(what: impl Display) -> Result<()> {
    line(what).or_else(|error| match error.is::<Closed>() {
        true => Ok(()),
        false => Err(error),
    })
}

/// What became of writing to standard output.
pub(crate) fn written(wrote: io::Result<()>) -> Result<()> {
    wrote.map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Closed.into(),
        _ => anyhow::Error::new(error).context("standard output cannot be written"),
    })
}

/// Bytes that somebody else wrote, for a terminal: what would steer it is shown as a replacement. A file gets them as they
/// are.
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

/// An error in a sentence. The last line of defence: whatever it says, it names no number and no address in full.
pub(crate) fn trouble(error: &anyhow::Error) -> String {
    let text = format!("{error:#}");
    // What is refused is never repeated, and its remedy's example is to be read.
    if error.is::<Refusals>() || error.is::<WrongSetting>() {
        return text;
    }
    kyc_telemetry::scrub(&text).into_owned()
}

/// A bar over the bytes of a file; hidden where standard error is no terminal.
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

/// A bar over so many things; hidden where standard error is no terminal.
pub(crate) fn count(total: u64) -> ProgressBar {
    let bar = ProgressBar::new(total);
    match ProgressStyle::with_template("{bar:40} {percent}% {human_pos} of {human_len} {eta}") {
        Ok(style) => bar.with_style(style),
        Err(_) => ProgressBar::hidden(),
    }
}
