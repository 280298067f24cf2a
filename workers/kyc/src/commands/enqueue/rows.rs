//! Reads the rows of a file from a reader.

use std::io::{BufRead, Error as IoError, ErrorKind};

use kyc_batch::{Reader, Row, Unusable};

/// The rows of a file.
pub(super) struct Rows<R> {
    source: R,
    reader: Reader,
    has_ended: bool,
}

/// Why no row was read.
pub(super) enum Unread {
    /// Nothing of the file can be used.
    Unusable(Unusable),
    /// The file cannot be read on.
    Io(IoError),
}

impl<R: BufRead> Rows<R> {
    pub(super) fn new(source: R, reader: Reader) -> Self {
        Self {
            source,
            reader,
            has_ended: false,
        }
    }

    /// Returns the line at which the next row begins.
    pub(super) fn at(&self) -> usize {
        self.reader.at()
    }

    /// Reads the next row. Returns `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Row>, Unread> {
        loop {
            let row = self.reader.next_row().map_err(Unread::Unusable)?;
            if row.is_some() || self.has_ended {
                return Ok(row);
            }
            let piece = match self.source.fill_buf() {
                Ok(piece) => piece,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(Unread::Io(error)),
            };
            if piece.is_empty() {
                self.has_ended = true;
                self.reader.end();
            } else {
                self.reader.feed(piece);
                let used = piece.len();
                self.source.consume(used);
            }
        }
    }
}
