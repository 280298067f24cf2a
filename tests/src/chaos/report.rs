//! What a run found: counts, which of them are promises, and how long things took after each fault.

use std::fmt;

use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};
use serde_json::{Map, Value, json};

use super::plan::Fault;

/// How many examples of a broken promise are told.
const EXAMPLES: usize = 5;

/// What a count has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// Anything.
    None,
    /// Nothing.
    Zero,
    /// At most this.
    AtMost(u64),
}

/// One count.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name in JSON.
    pub key: &'static str,
    /// What is counted.
    pub what: &'static str,
    /// How many.
    pub count: u64,
    /// What was promised.
    pub promise: Promise,
    /// Some of them, by reference or id.
    pub examples: Vec<String>,
}

impl Row {
    /// A count of which nothing is promised.
    pub(super) fn count(key: &'static str, what: &'static str, count: u64) -> Self {
        Self {
            key,
            what,
            count,
            promise: Promise::None,
            examples: Vec::new(),
        }
    }

    /// A count that has to be nothing.
    pub(super) fn zero(key: &'static str, what: &'static str, found: &[String]) -> Self {
        Self {
            promise: Promise::Zero,
            examples: found.iter().take(EXAMPLES).cloned().collect(),
            ..Self::count(key, what, found.len() as u64)
        }
    }

    /// With another promise.
    pub(super) fn promised(self, promise: Promise) -> Self {
        Self { promise, ..self }
    }

    /// Whether the promise was kept.
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

/// How it went with one kind of fault.
#[derive(Clone, Debug)]
pub struct Recovery {
    /// Which.
    pub fault: Fault,
    /// Jobs that were under way each time; where it hits one worker, at most as many as that has places. `None` when another
    /// fault kept Redis from saying.
    pub under_way: Vec<Option<u64>>,
    /// The longest time from its beginning to the next completion, in milliseconds.
    pub from_beginning_ms: Option<u64>,
    /// The longest time to the next completion from its end, and from that of other faults that had begun by then and leave no
    /// worker able to complete, in milliseconds.
    pub from_end_ms: Option<u64>,
}

/// What a run found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The seed of the run.
    pub seed: u64,
    /// The counts.
    pub rows: Vec<Row>,
    /// One for each kind of fault that happened.
    pub recoveries: Vec<Recovery>,
}

impl Report {
    /// The promises that were not kept.
    pub fn broken(&self) -> Vec<&Row> {
        self.rows.iter().filter(|row| !row.is_retained()).collect()
    }

    /// The count of that name.
    ///
    /// # Panics
    /// When there is none.
    pub fn count(&self, key: &str) -> u64 {
        let row = self.rows.iter().find(|row| row.key == key);
        row.expect("there is such a count").count
    }

    /// As one JSON object.
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
                "next completion: from its beginning",
                "once all is over",
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
        || "none came".to_owned(),
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
