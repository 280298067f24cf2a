//! Finds the ends of records in bytes that arrive in pieces. A quotation mark that the file never closes costs its own line and no other.
//! If it is not closed within the largest size, nobody knows where the next record begins, and the reading ends.

use crate::LARGEST;

/// A record.
pub(crate) struct Record {
    /// The line on which it begins, counted from 1.
    pub(crate) line: usize,
    pub(crate) found: Found,
    /// Whether text follows a quotation mark that ends a quotation. Then one may be missing, and its lines may be rows.
    pub(crate) is_torn: bool,
    start: usize,
}

pub(crate) enum Found {
    /// Its bytes, without the line end.
    Whole(Vec<u8>),
    /// A quotation mark is opened, and not closed before the file ends. Its first line alone was taken.
    Unclosed,
    /// A quotation mark is opened, and not closed within the largest size. Whether the lines after it are rows, nobody knows.
    Endless,
    /// A line is too large. It was skipped.
    TooLarge,
}

/// Where a byte is within a record. The same as in `csv-core`, which splits the record into cells.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// At the beginning of a cell.
    #[default]
    Start,
    Plain,
    Quoted,
    /// After a quotation mark in a quoted cell: its end, unless another one follows.
    Closed,
}

/// Bytes that become records.
#[derive(Default)]
pub(crate) struct Records {
    bytes: Vec<u8>,
    /// How many bytes of the file came before `bytes`.
    before: u64,
    /// Where the next record begins.
    from: usize,
    /// How far its end was looked for, and the state there.
    scanned: usize,
    state: State,
    is_torn: bool,
    /// How many lines end before `from`.
    lines: usize,
    /// Whether the line before ended in CR: an LF right after it belongs to it.
    after_cr: bool,
    /// Whether the rest of a line is skipped that is too large.
    skipping: bool,
    ended: bool,
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

impl Records {
    /// Adds the next bytes of the file.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.before += self.from as u64;
        self.bytes.drain(..self.from);
        self.scanned -= self.from;
        self.from = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// No more bytes follow.
    pub(crate) fn end(&mut self) {
        self.ended = true;
    }

    /// Returns where the next record begins: bytes from the start of the file.
    pub(crate) fn position(&self) -> u64 {
        self.before + self.from as u64
    }

    /// Returns the line on which the next record begins, if it does not begin with blank lines.
    pub(crate) fn at(&self) -> usize {
        self.lines + 1
    }

    /// Returns the first line that is not blank, without taking it. `None` while it is not complete, and at the end.
    pub(crate) fn first_line(&mut self) -> Option<&[u8]> {
        self.skip_line_ends();
        let rest = &self.bytes[self.from..];
        let end = rest.iter().position(|byte| is_line_end(*byte));
        let complete = self.ended || rest.len() > LARGEST;
        let end = end.or_else(|| (complete && !rest.is_empty()).then_some(rest.len()))?;
        Some(&rest[..end])
    }

    /// Takes the next record, in which cells end at `separator`. `None` while it is not complete, and at the end.
    pub(crate) fn next(&mut self, separator: u8) -> Option<Record> {
        if self.skipping && !self.skip_line() {
            return None;
        }
        self.skip_line_ends();
        let (start, line) = (self.from, self.at());
        let end = self.find_end(separator);
        let is_torn = self.is_torn;
        let length = end.unwrap_or(self.bytes.len()) - start;
        let found = match end {
            Some(end) if length <= LARGEST => {
                let content = self.bytes[start..end].to_vec();
                self.go_on(end);
                Found::Whole(content)
            }
            None if length <= LARGEST && (!self.ended || length == 0) => return None,
            None if length <= LARGEST && self.state != State::Quoted => {
                let content = self.bytes[start..].to_vec();
                self.go_on(self.bytes.len());
                Found::Whole(content)
            }
            _ if length <= LARGEST => {
                self.go_on_after_line(start);
                Found::Unclosed
            }
            _ if self.goes_over_lines(start) => Found::Endless,
            _ => {
                self.skipping = true;
                self.skip_line();
                Found::TooLarge
            }
        };
        Some(Record {
            line,
            found,
            is_torn,
            start,
        })
    }

    /// Takes the first line of the last record alone, so that its other lines are read again. Returns whether it had others.
    pub(crate) fn take_first_line_alone(&mut self, record: &Record) -> bool {
        let end = self.from.min(self.bytes.len());
        let lines = self.bytes[record.start..end].trim_ascii_end();
        if !lines.iter().any(|byte| is_line_end(*byte)) {
            return false;
        }
        self.lines = record.line - 1;
        self.go_on_after_line(record.start);
        true
    }

    /// Looks for the line end that ends the record.
    fn find_end(&mut self, separator: u8) -> Option<usize> {
        while let Some(byte) = self.bytes.get(self.scanned) {
            let before = self.state;
            self.state = match (before, *byte) {
                (State::Start, b'"') | (State::Closed, b'"') => State::Quoted,
                (State::Quoted, b'"') => State::Closed,
                (State::Quoted, _) => State::Quoted,
                (_, byte) if is_line_end(byte) => return Some(self.scanned),
                (_, byte) if byte == separator => State::Start,
                _ => State::Plain,
            };
            self.is_torn |= (before, self.state) == (State::Closed, State::Plain);
            self.scanned += 1;
        }
        None
    }

    /// Returns whether the record that begins at `start` and is too long, or not closed, has more than one line.
    fn goes_over_lines(&self, start: usize) -> bool {
        let rest = &self.bytes[start..];
        let rest = &rest[..rest.len().min(LARGEST)];
        rest.iter().any(|byte| is_line_end(*byte))
    }

    /// The next record begins after the first line end from `start` on.
    fn go_on_after_line(&mut self, start: usize) {
        let rest = &self.bytes[start..];
        let end = rest.iter().position(|byte| is_line_end(*byte));
        self.from = start;
        self.go_on(start + end.unwrap_or(rest.len()));
    }

    /// The next record begins after the line end at `end`.
    fn go_on(&mut self, end: usize) {
        let content = &self.bytes[self.from..end];
        self.lines += line_ends(content);
        self.from = end;
        self.take_line_end();
        self.begin();
    }

    /// The next record is looked for from here on.
    fn begin(&mut self) {
        (self.scanned, self.state, self.is_torn) = (self.from, State::Start, false);
    }

    /// Takes a line end, if there is one.
    fn take_line_end(&mut self) -> bool {
        let Some(byte) = self.bytes.get(self.from).filter(|byte| is_line_end(**byte)) else {
            return false;
        };
        self.lines += 1;
        self.after_cr = *byte == b'\r';
        self.from += 1;
        true
    }

    fn skip_line_ends(&mut self) {
        if self.scanned > self.from {
            return; // A record has begun.
        }
        while let Some(byte) = self.bytes.get(self.from) {
            if std::mem::take(&mut self.after_cr) && *byte == b'\n' {
                self.from += 1;
            } else if !self.take_line_end() {
                break;
            }
        }
        self.begin();
    }

    /// Skips the rest of a line. Returns whether its end was found.
    fn skip_line(&mut self) -> bool {
        let rest = &self.bytes[self.from..];
        let end = rest.iter().position(|byte| is_line_end(*byte));
        self.from += end.unwrap_or(rest.len());
        self.skipping = end.is_none() && !self.ended;
        self.take_line_end();
        self.begin();
        !self.skipping
    }
}

/// Returns how many lines end in a text.
fn line_ends(text: &[u8]) -> usize {
    let both = text.windows(2).filter(|two| two == b"\r\n").count();
    text.iter().filter(|byte| is_line_end(**byte)).count() - both
}
