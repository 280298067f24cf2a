//! Reads a file of jobs whose bytes arrive in pieces, in bounded memory.

use std::collections::VecDeque;

use kyc_domain::{Refusals, Request};
use kyc_kinds::Rules;
use serde_json::{Map, Value};

use crate::{
    Defaults, Format, Row, Unusable,
    csv::Table,
    format::{MARK, other_than_text},
    lines::{Line, Lines},
};

/// A file that is read. Feed it with bytes, and take rows until there is none; at the end of the file call [`Reader::end`], and take
/// the last ones.
pub struct Reader {
    of: Of,
    defaults: Defaults,
    rules: Rules,
    /// The first bytes of the file, while they are too few to tell whether it is a text.
    start: Option<Vec<u8>>,
    unusable: Option<Unusable>,
}

enum Of {
    Table(Table),
    Lines { lines: Lines, ready: VecDeque<Line> },
}

/// How many bytes tell whether a file is a text.
const TELLING: usize = 4;

impl Reader {
    /// A file of this format.
    pub fn new(format: Format, defaults: Defaults, rules: Rules) -> Self {
        let of = match format {
            Format::Csv => Of::Table(Table::new(defaults, rules)),
            Format::Ndjson => Of::Lines {
                lines: Lines::default(),
                ready: VecDeque::new(),
            },
        };
        Self {
            of,
            defaults,
            rules,
            start: Some(Vec::new()),
            unusable: None,
        }
    }

    /// Adds the next bytes of the file. Take all rows that are complete before you add more.
    pub fn feed(&mut self, bytes: &[u8]) {
        let Some(start) = &mut self.start else {
            return self.add(bytes);
        };
        start.extend_from_slice(bytes);
        if start.len() >= TELLING {
            self.begin();
        }
    }

    /// No more bytes follow.
    pub fn end(&mut self) {
        self.begin();
        match &mut self.of {
            Of::Table(table) => table.end(),
            Of::Lines { lines, ready } => ready.extend(lines.last()),
        }
    }

    /// Returns the line at which the next row begins, counted from 1.
    pub fn at(&self) -> usize {
        match &self.of {
            Of::Table(table) => table.at(),
            Of::Lines { lines, ready } => ready.front().map_or(lines.at(), |line| line.number),
        }
    }

    /// Returns the next row. `None` if none is complete, and at the end.
    ///
    /// # Errors
    ///
    /// Nothing of the file can be used.
    pub fn next_row(&mut self) -> Result<Option<Row>, Unusable> {
        if let Some(unusable) = &self.unusable {
            return Err(unusable.clone());
        }
        match &mut self.of {
            Of::Table(table) => table.next(),
            Of::Lines { ready, .. } => {
                let line = ready.pop_front();
                Ok(line.map(|line| self.row(line)))
            }
        }
    }

    /// The first bytes are there, or the whole file.
    fn begin(&mut self) {
        if let Some(start) = self.start.take() {
            self.unusable = other_than_text(&start);
            self.add(start.strip_prefix(MARK).unwrap_or(&start));
        }
    }

    fn add(&mut self, mut bytes: &[u8]) {
        match &mut self.of {
            Of::Table(table) => table.feed(bytes),
            Of::Lines { lines, ready } => {
                while let Some(line) = lines.next(&mut bytes) {
                    ready.push_back(line);
                }
            }
        }
    }

    fn row(&self, line: Line) -> Row {
        let job = line.text.and_then(|text| self.parse(&text));
        Row {
            line: line.number,
            size: line.size,
            job,
        }
    }

    fn parse(&self, job: &[u8]) -> Result<Request, Refusals> {
        if self.defaults.kind.is_none() && self.defaults.priority.is_none() {
            return kyc_kinds::parse(job, self.rules);
        }
        match serde_json::from_slice::<Map<String, Value>>(job) {
            Ok(mut object) => {
                self.defaults.add_to(&mut object);
                kyc_kinds::read(object, self.rules)
            }
            // Its message is better.
            Err(_) => kyc_kinds::parse(job, self.rules),
        }
    }
}
