//! Tables as spreadsheets and programs write them.

mod cells;
mod header;
mod job;
mod names;
mod records;

use kyc_domain::Refusals;
use kyc_kinds::Rules;

use crate::{Defaults, LARGEST, Unusable, lines::too_large, row::Row};
use header::Header;
use records::{Found, Record, Records};

/// The most rows with torn quotations. A file with more is broken as a whole.
const MOST_TORN: usize = 1000;
/// The most cells of a record.
const MOST_CELLS: usize = 256;

/// A table whose bytes arrive in pieces.
pub(crate) struct Table {
    records: Records,
    separator: Option<u8>,
    header: Option<Header>,
    defaults: Defaults,
    rules: Rules,
    /// The end of the row before: bytes from the start of the file.
    told: u64,
    /// Rows with torn quotations. Each is looked at several times.
    torn: usize,
}

impl Table {
    pub(crate) fn new(defaults: Defaults, rules: Rules) -> Self {
        Self {
            records: Records::default(),
            separator: None,
            header: None,
            defaults,
            rules,
            told: 0,
            torn: 0,
        }
    }

    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.records.feed(bytes);
    }

    pub(crate) fn end(&mut self) {
        self.records.end();
    }

    pub(crate) fn at(&self) -> usize {
        self.records.at()
    }

    /// Returns the next row. `None` while it is not complete, and at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Row>, Unusable> {
        while let Some(separator) = self.separator()? {
            let Some(record) = self.records.next(separator) else {
                return Ok(None);
            };
            if matches!(record.found, Found::Endless) || self.torn > MOST_TORN {
                return Err(endless(record.line));
            }
            let job = match &self.header {
                None => {
                    self.header = Some(self.read_header(&record, separator)?);
                    continue;
                }
                Some(header) => match cells(&record, separator) {
                    Err(refusals) => Err(refusals),
                    Ok(cells) if cells.iter().all(|cell| cell.trim().is_empty()) => continue,
                    Ok(cells) => {
                        // A quotation that is closed as it should be is a value, and no rows, whatever it holds.
                        if record.is_torn && self.records.take_first_line_alone(&record) {
                            self.torn += 1;
                            Err(unclosed())
                        } else {
                            job::job(header, &cells, self.rules)
                        }
                    }
                },
            };
            let end = self.records.position();
            let size = end - std::mem::replace(&mut self.told, end);
            return Ok(Some(Row {
                line: record.line,
                size,
                job,
            }));
        }
        Ok(None)
    }

    /// Returns the separator, once the header's line is complete.
    fn separator(&mut self) -> Result<Option<u8>, Unusable> {
        if let Some(separator) = self.separator {
            return Ok(Some(separator));
        }
        let Some(line) = self.records.first_line() else {
            return Ok(None);
        };
        if let Some(named) = header::named_separator(line) {
            self.separator = Some(named);
            self.records.next(b'\n');
            return Ok(Some(named));
        }
        self.separator = Some(header::separator(line));
        Ok(self.separator)
    }

    fn read_header(&self, record: &Record, separator: u8) -> Result<Header, Unusable> {
        let cells = cells(record, separator).map_err(|refusals| {
            let fault = refusals.first();
            Unusable::new(
                record.line,
                format!("the header {}", fault.problem),
                fault.remedy.clone(),
            )
        })?;
        Header::read(record.line, &cells, self.defaults)
    }
}

/// Splits a record into its cells.
fn cells(record: &Record, separator: u8) -> Result<Vec<String>, Refusals> {
    let bytes = match &record.found {
        Found::Whole(bytes) => bytes,
        Found::Unclosed | Found::Endless => return Err(unclosed()),
        Found::TooLarge => return Err(too_large()),
    };
    let mut reader = csv_core::ReaderBuilder::new().delimiter(separator).build();
    let (mut text, mut ends) = (vec![0; bytes.len().min(LARGEST)], [0; MOST_CELLS]);
    let (_, _, written, mut count) = reader.read_record(bytes, &mut text, &mut ends);
    // The line end is not among the bytes; no more input ends the record as well.
    let (result, _, _, more) = reader.read_record(&[], &mut text[written..], &mut ends[count..]);
    count += more;
    if !matches!(result, csv_core::ReadRecordResult::Record) {
        return Err(Refusals::one(
            "job",
            "has more than 256 cells",
            "write one job in a row",
        ));
    }
    let mut from = 0;
    let cells = ends[..count].iter().map(|end| {
        let cell = &text[std::mem::replace(&mut from, *end)..*end];
        std::str::from_utf8(cell).map(ToOwned::to_owned)
    });
    cells.collect::<Result<_, _>>().map_err(|_| {
        Refusals::one(
            "job",
            "is not UTF-8",
            "save the file as UTF-8; in Excel as \"CSV UTF-8\"",
        )
    })
}

fn endless(line: usize) -> Unusable {
    Unusable::new(
        line,
        "a quotation mark is opened here and not closed, so that nobody knows where the next row begins",
        "close it, write a quotation mark within a value twice, and send the file again",
    )
}

fn unclosed() -> Refusals {
    Refusals::one(
        "job",
        "has a quotation mark that is opened and not closed",
        "close it, and write a quotation mark within a value twice",
    )
}
