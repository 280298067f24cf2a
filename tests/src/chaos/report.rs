//! The report of a run: counts, the promises about them, and the times of recovery after each fault.

use std::fmt;

use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};
use serde_json::{Map, Value, json};

use super::plan::Fault;

/// The most examples of a broken promise that are shown.
const EXAMPLES: usize = 5;

/// The values that a count may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// Any value.
    None,
    /// 0.
    Zero,
    /// At most this value.
    AtMost(u64),
}

/// A count.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name in JSON.
    pub key: &'static str,
    /// Its description.
    pub what: &'static str,
    /// Its value.
    pub count: u64,
    /// The promise about it.
    pub promise: Promise,
    /// Examples, by reference or id.
    pub examples: Vec<String>,
}

impl Row {
    /// Returns a count without a promise.
    pub(super) fn count(key: &'static str, what: &'static str, count: u64) -> Self {
        Self {
            key,
            what,
            count,
            promise: Promise::None,
            examples: Vec::new(),
        }
    }

    /// Returns a count of `found` that has to be 0.
    pub(super) fn zero(key: &'static str, what: &'static str, found: &[String]) -> Self {
        Self {
            promise: Promise::Zero,
            examples: found.iter().take(EXAMPLES).cloned().collect(),
            ..Self::count(key, what, found.len() as u64)
        }
    }

    /// Sets the promise.
    pub(super) fn promised(self, promise: Promise) -> Self {
        Self { promise, ..self }
    }

    /// Returns whether the promise was kept.
    pub fn is_retained(&self) -> bool {
        match self.promise {
            Promise::None => true,
            Promise::Zero => self.count == 0,
            Promise::AtMost(most) => self.count <= most,
        }
    }

    fn promise_in_words(&self) -> String {
        let kept = if self.is_retained() { "kept" } else { "BROKEN" };
        match self.promise {
            Promise::None => String::new(),
            Promise::Zero => format!("0: {kept}"),
            Promise::AtMost(most) => format!("at most {most}: {kept}"),
        }
    }
}

/// The recovery after one kind of fault.
#[derive(Clone, Debug)]
pub struct Recovery {
    /// The fault.
    pub fault: Fault,
    /// The number of running jobs each time. If the fault hits one worker, it is at most the number of that worker's places.
    /// `None` if another fault kept Redis from answering.
    pub under_way: Vec<Option<u64>>,
    /// The longest time from its beginning to the next completion, in milliseconds.
    pub from_beginning_ms: Option<u64>,
    /// The longest time from its end to the next completion, in milliseconds. If other faults that hit all workers had begun by
    /// then, it is measured from their end.
    pub from_end_ms: Option<u64>,
}

/// The report of a run.
#[derive(Clone, Debug)]
pub struct Report {
    /// The seed of the run.
    pub seed: u64,
    /// All counts.
    pub rows: Vec<Row>,
    /// The recoveries, one for each kind of fault that happened.
    pub recoveries: Vec<Recovery>,
}

impl Report {
    /// Returns the broken promises.
    pub fn broken(&self) -> Vec<&Row> {
        self.rows.iter().filter(|row| !row.is_retained()).collect()
    }

    /// Returns the count of that name.
    ///
    /// # Panics
    /// When there is no such count.
    pub fn count(&self, key: &str) -> u64 {
        let row = self.rows.iter().find(|row| row.key == key);
        row.expect("there is such a count").count
    }

    /// Returns the report as one JSON object.
    pub fn to_json(&self) -> Value {
        let counts: Map<String, Value> = self
            .rows
            .iter()
            .map(|row| (row.key.to_owned(), row.count.into()))
            .collect();
        let broken: Vec<Value> = self
            .broken()
            .iter()
            .map(|row| json!({ "promise": row.key, "count": row.count, "examples": row.examples }))
            .collect();
        let recoveries: Vec<Value> = self
            .recoveries
            .iter()
            .map(|recovery| {
                json!({
                    "fault": recovery.fault.as_str(), "times": recovery.under_way.len(), "under_way": recovery.under_way,
                    "from_beginning_ms": recovery.from_beginning_ms, "from_end_ms": recovery.from_end_ms,
                })
            })
            .collect();
        json!({ "seed": self.seed, "counts": counts, "faults": recoveries, "broken": broken })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut counts = table(&["ledger", "count", "promised"]);
        for row in &self.rows {
            let count = row.count.to_string();
            let what = match (row.promise, row.examples.first()) {
                (Promise::None, Some(example)) => format!("{} ({example})", row.what),
                _ => row.what.to_owned(),
            };
            counts.add_row([what, count, row.promise_in_words()]);
        }
        writeln!(f, "{counts}")?;
        if !self.recoveries.is_empty() {
            let mut faults = table(&[
                "fault",
                "times",
                "jobs under way",
                "next completion after its beginning",
                "after all faults",
            ]);
            for recovery in &self.recoveries {
                faults.add_row([
                    recovery.fault.as_str().to_owned(),
                    recovery.under_way.len().to_string(),
                    recovery.under_way.iter().flatten().sum::<u64>().to_string(),
                    seconds(recovery.from_beginning_ms),
                    seconds(recovery.from_end_ms),
                ]);
            }
            writeln!(f, "{faults}")?;
        }
        for row in self.broken() {
            let examples = row.examples.join(", ");
            writeln!(f, "BROKEN: {}: {} ({examples})", row.what, row.count)?;
        }
        let verdict = match self.broken().len() {
            0 => "every promise was kept".to_owned(),
            broken => format!("{broken} promises were broken"),
        };
        write!(f, "seed {}: {verdict}", self.seed)
    }
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header(header);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn seconds(ms: Option<u64>) -> String {
    ms.map_or_else(
        || "none".to_owned(),
        |ms| format!("{}.{:03} s", ms / 1_000, ms % 1_000),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_promise_is_named_in_text_and_in_json() {
        let lost = ["0-one-1".to_owned()];
        let report = Report {
            seed: 9,
            rows: vec![
                Row::count("accepted", "accepted", 12),
                Row::zero("lost", "lost", &lost),
                Row::zero("twice", "published twice", &[]),
                Row::count("extra", "extra calls", 3).promised(Promise::AtMost(3)),
            ],
            recoveries: vec![Recovery {
                fault: Fault::Kill,
                under_way: vec![Some(9), None],
                from_beginning_ms: Some(1_034),
                from_end_ms: None,
            }],
        };
        let broken: Vec<&str> = report.broken().iter().map(|row| row.key).collect();
        assert_eq!(broken, ["lost"]);
        let text = report.to_string();
        for part in ["BROKEN: lost: 1 (0-one-1)", "at most 3: kept", "1.034 s"] {
            assert!(text.contains(part), "{text}");
        }
        assert!(text.ends_with("seed 9: 1 promises were broken"), "{text}");
        let json = report.to_json();
        assert_eq!(json["counts"]["accepted"], 12);
        assert_eq!(json["broken"][0]["promise"], "lost");
        assert_eq!(json["faults"][0]["from_beginning_ms"], 1_034);
        assert_eq!(json["faults"][0]["times"], 2);
    }
}
