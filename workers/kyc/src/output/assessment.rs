//! Formats the result of assessing stored verifications again.

use std::fmt::Write as _;

use super::table::table;
use crate::commands::assess::{Change, Tally};

/// Formats how many verdicts would change, and from what to what.
pub(crate) fn changes(tally: &Tally, since: &str) -> String {
    let Tally {
        verifications,
        changed,
        unchanged,
        without_record,
        unreadable,
        changes,
    } = tally;
    let mut text =
        format!("{verifications} completed within {since}: {changed} verdicts would change");
    // Writing to a String does not fail.
    let _ = write!(text, ", {unchanged} would not");
    if *without_record > 0 {
        let _ = write!(text, " ({without_record} of them have no record)");
    }
    if *unreadable > 0 {
        let _ = write!(text, ", {unreadable} could not be opened");
    }
    text += "; nothing was changed";
    if !changes.is_empty() {
        let mut rows = table(&["from", "to", "verifications", "which"]);
        for change in changes {
            let count = change.verifications.to_string();
            rows.add_row([change.from, change.to, &count, &which(change)]);
        }
        let _ = write!(text, "\n{rows}");
    }
    text
}

/// Formats the listed ids, and how many more there are.
fn which(change: &Change) -> String {
    let mut lines: Vec<String> = change.ids.iter().map(ToString::to_string).collect();
    let more = change.verifications.saturating_sub(lines.len() as u64);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines.join("\n")
}
