//! Formats jobs as tables. The masked number is the only personal data in them.

use std::fmt::Write as _;

use comfy_table::ContentArrangement;
use jiff::Timestamp;
use kyc_queue::{Attempt, Verification};

use super::{progress::progress, table::table, waiting::why};

/// A column: its head, and the function that formats a cell.
type Column = (&'static str, fn(&Verification) -> String);

const COLUMNS: [Column; 13] = [
    ("id", |job| job.id.to_string()),
    ("kind", |job| job.kind.clone()),
    ("number", |job| job.number.clone()),
    ("tenant", |job| job.tenant.clone()),
    ("reference", |job| job.reference.clone()),
    ("state", |job| job.state.as_str().to_owned()),
    ("waits", |job| {
        job.waiting.as_ref().map_or_else(String::new, why)
    }),
    ("attempts", |job| job.attempts.to_string()),
    ("calls", |job| job.calls.to_string()),
    ("age", |job| age(job, Timestamp::now())),
    ("ended", |job| moment(job.finished_at)),
    ("result", result),
    ("worker", |job| job.worker.clone().unwrap_or_default()),
];

/// Formats jobs as a table without its empty columns. On a terminal that is too narrow for the table, jobs are listed one
/// below the other.
pub(crate) fn jobs(jobs: &[Verification]) -> String {
    let columns: Vec<(&str, Vec<String>)> = COLUMNS
        .iter()
        .map(|(head, cell)| (*head, jobs.iter().map(cell).collect::<Vec<_>>()))
        .filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty()))
        .collect();
    let heads: Vec<&str> = columns.iter().map(|(head, _)| *head).collect();
    let mut table = table(&heads);
    // An id that is broken over two lines cannot be copied into the next command.
    table.set_content_arrangement(ContentArrangement::Disabled);
    for row in 0..jobs.len() {
        table.add_row(columns.iter().map(|(_, cells)| &cells[row]));
    }
    let text = table.to_string();
    let wide = text.lines().next().map_or(0, |line| line.chars().count());
    if table.width().is_some_and(|width| wide > width.into()) {
        return one_below_the_other(&columns, jobs.len());
    }
    text
}

fn one_below_the_other(columns: &[(&str, Vec<String>)], rows: usize) -> String {
    let block = |row: usize| {
        let cells = columns.iter().map(|(head, cells)| (head, &cells[row]));
        let told = cells.filter(|(_, cell)| !cell.is_empty());
        let mut told = told.map(|(head, cell)| format!("{head} {cell}"));
        let id = told.next().unwrap_or_default();
        format!("{id}\n   {}", told.collect::<Vec<_>>().join(", "))
    };
    (0..rows).map(block).collect::<Vec<_>>().join("\n")
}

/// Formats everything about a job that is known without opening sealed parts.
pub(crate) fn card(job: &Verification) -> String {
    let mut text = progress(job);
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            // Writing to a String does not fail.
            let _ = write!(text, "\n{name:<14}{value}");
        }
    };
    line("unanswered", &job.unanswered_calls.to_string());
    line("stalls", &job.stalls.to_string());
    line("code", job.code.as_deref().unwrap_or_default());
    line("tenant", &job.tenant);
    line("priority", &job.priority);
    line("worker", job.worker.as_deref().unwrap_or_default());
    line("accepted", &moment(Some(job.enqueued_at)));
    line("deadline", &moment(job.deadline));
    line("ended", &moment(job.finished_at));
    if !job.history.is_empty() {
        text += &format!("\n{}", history(&job.history));
    }
    text
}

fn history(attempts: &[Attempt]) -> String {
    let mut table = table(&["at", "attempt", "class", "code", "status", "ms"]);
    let number = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
    for attempt in attempts {
        table.add_row([
            moment(Timestamp::from_millisecond(attempt.at).ok()),
            attempt.attempt.to_string(),
            attempt.class.clone(),
            attempt.code.clone().unwrap_or_default(),
            number(attempt.status.map(u64::from)),
            number(attempt.ms),
        ]);
    }
    table.to_string()
}

/// Returns the verdict, or else the code of the last failure.
fn result(job: &Verification) -> String {
    let result = job.verdict.as_ref().or(job.code.as_ref());
    result.cloned().unwrap_or_default()
}

/// Returns the age of a job that has not ended.
fn age(job: &Verification, now: Timestamp) -> String {
    if job.finished_at.is_some() {
        return String::new();
    }
    let seconds = now.duration_since(job.enqueued_at).as_secs().max(0);
    let units = [(86_400, "d"), (3_600, "h"), (60, "min")];
    let unit = units.iter().find(|(length, _)| seconds >= *length);
    unit.map_or_else(
        || format!("{seconds} s"),
        |(length, name)| format!("{} {name}", seconds / length),
    )
}

fn moment(at: Option<Timestamp>) -> String {
    at.map_or_else(String::new, |at| format!("{at:.0}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_table_has_no_room_every_value_has_its_name() {
        let cells = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        let columns = [
            ("id", cells(["A", "B"])),
            ("state", cells(["dead", "waiting"])),
            ("worker", cells(["", "one"])),
        ];
        let text = one_below_the_other(&columns, 2);
        assert_eq!(
            text,
            "id A\n   state dead\nid B\n   state waiting, worker one"
        );
    }
}
