//! Reads the lines of a file of jobs, whatever program wrote it. Hides byte order marks, the three kinds of line ends, end
//! marks, and lines that are too long to be buffered.

use std::io::{BufRead, ErrorKind, Result as IoResult};

use kyc_domain::Refusals;

/// Far more than the size of a job.
const LARGEST: usize = 64 << 10;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// The end-of-file mark of DOS.
const END_MARK: u8 = 0x1a;

/// A line that is not blank.
pub(super) struct Line {
    /// Counted from 1, including blank lines.
    pub(super) number: usize,
    /// Its size in the file with all line ends, for a progress bar.
    pub(super) size: u64,
    /// The text of a job, or why the line cannot be one.
    pub(super) text: Result<Vec<u8>, Refusals>,
}

/// The lines of a file.
pub(super) struct Lines<R> {
    reader: R,
    number: usize,
    /// Whether the last line ended in CR: an LF right after it belongs to it.
    after_cr: bool,
}

/// Returns why a file cannot consist of lines of JSON, if its first bytes show that.
pub(super) fn other_than_text(start: &[u8]) -> Option<&'static str> {
    let text = match start {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, _, ..] | [_, 0, ..] => {
            "is UTF-16 (or UTF-32); save it as UTF-8"
        }
        [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] | [b'P', b'K', 3, 4, ..] => {
            "is compressed; unpack it first"
        }
        _ => return None,
    };
    Some(text)
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            number: 0,
            after_cr: false,
        }
    }

    /// Returns the number of the line that is read next.
    pub(super) fn at(&self) -> usize {
        self.number + 1
    }

    /// Reads the next line that is not blank. Returns `None` at the end.
    pub(super) fn next(&mut self) -> IoResult<Option<Line>> {
        let mut size = 0;
        while let Some((kept, length)) = self.line()? {
            self.number += 1;
            size += length;
            let text = trimmed(&kept);
            if !text.is_empty() {
                return Ok(Some(Line {
                    number: self.number,
                    size,
                    text: checked(text, kept.len() > LARGEST),
                }));
            }
        }
        Ok(None)
    }

    /// Reads a line without its end. Returns at most one byte more than [`LARGEST`], and the full length of the line.
    fn line(&mut self) -> IoResult<Option<(Vec<u8>, u64)>> {
        let (mut kept, mut length) = (Vec::new(), 0);
        loop {
            let part = match self.reader.fill_buf() {
                Ok(part) => part,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if part.is_empty() {
                return Ok((length > 0).then_some((kept, length)));
            }
            if std::mem::take(&mut self.after_cr) && part[0] == b'\n' {
                self.reader.consume(1);
                continue;
            }
            let end = part.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let text = &part[..end.unwrap_or(part.len())];
            // Leading white space is dropped, so that it does not count towards the size of the job.
            let text = if kept.is_empty() {
                text.trim_ascii_start()
            } else {
                text
            };
            let room = (LARGEST + 1).saturating_sub(kept.len());
            kept.extend_from_slice(&text[..text.len().min(room)]);
            let used = end.map_or(part.len(), |end| end + 1);
            self.after_cr = end.is_some_and(|end| part[end] == b'\r');
            self.reader.consume(used);
            length += used as u64;
            if end.is_some() {
                return Ok(Some((kept, length)));
            }
        }
    }
}

/// Removes white space, byte order marks and end marks around a job's text. They occur at any line if files were
/// concatenated.
fn trimmed(line: &[u8]) -> &[u8] {
    let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
    let end = line
        .iter()
        .rposition(|byte| *byte != END_MARK && !byte.is_ascii_whitespace());
    end.map_or(&[][..], |end| line[..=end].trim_ascii_start())
}

fn checked(text: &[u8], too_long: bool) -> Result<Vec<u8>, Refusals> {
    if too_long {
        return Err(Refusals::one(
            "job",
            "is larger than 64 KiB",
            "write one job per line, without images",
        ));
    }
    match std::str::from_utf8(text) {
        Ok(_) => Ok(text.to_vec()),
        Err(error) => Err(Refusals::one(
            "job",
            &format!("is not UTF-8 from its byte {} on", error.valid_up_to() + 1),
            "save the file as UTF-8",
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    /// Each line: its number and its text, or what is wrong.
    fn read(bytes: &[u8]) -> Vec<(usize, String)> {
        // A buffer that is smaller than any line, and one that is larger.
        let of = |room| {
            let mut lines = Lines::new(BufReader::with_capacity(room, bytes));
            let mut all = Vec::new();
            let mut size = 0;
            while let Some(line) = lines.next().unwrap() {
                size += line.size;
                let text = match line.text {
                    Ok(text) => String::from_utf8(text).unwrap(),
                    Err(refused) => refused.first().problem.clone(),
                };
                all.push((line.number, text));
            }
            assert!(size <= bytes.len() as u64);
            all
        };
        let read = of(1);
        assert_eq!(of(1 << 20), read);
        read
    }

    #[test]
    fn lines_are_found_whatever_program_wrote_them() {
        for (bytes, lines) in [
            (&b"{}\n[]\n"[..], &[(1, "{}"), (2, "[]")][..]),
            (b"{}\n[]", &[(1, "{}"), (2, "[]")]),
            (b"{}\r\n[]\r\n", &[(1, "{}"), (2, "[]")]),
            (b"{}\r[]\r", &[(1, "{}"), (2, "[]")]),
            (b"{}\r\r\n\n[]", &[(1, "{}"), (4, "[]")]),
            (b"\xef\xbb\xbf{}\n[]", &[(1, "{}"), (2, "[]")]),
            (b"\xef\xbb\xbf", &[]),
            (b"{}\n\xef\xbb\xbf[]\n", &[(1, "{}"), (2, "[]")]),
            (b"{}\n\x1a", &[(1, "{}")]),
            (b"{}\n\x1a\r\n\x1a\x1a", &[(1, "{}")]),
            (b"{}\n[]\x1a", &[(1, "{}"), (2, "[]")]),
            (b"{}\n[] \x1a \n", &[(1, "{}"), (2, "[]")]),
            (b"\n \t\n{}\n\n", &[(3, "{}")]),
            (b"  {}  \n", &[(1, "{}")]),
            (b"", &[]),
            (b"\n\r\n\r", &[]),
        ] {
            let expected: Vec<(usize, String)> = lines
                .iter()
                .map(|(number, text)| (*number, (*text).to_owned()))
                .collect();
            assert_eq!(read(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn a_line_that_is_no_text_or_too_long_does_not_hide_its_neighbours() {
        let mut file = b"{\"a\":\"\xd3\"}\n{}\n".to_vec();
        file.extend(vec![b'x'; LARGEST]);
        file.push(b'\n');
        file.extend(vec![b'x'; 5 * LARGEST]);
        file.extend(b"\n");
        file.extend(vec![b' '; 5 * LARGEST]);
        file.extend(b"[]\n\xff\xff\n{}");
        let read = read(&file);
        let texts: Vec<(usize, &str)> = read
            .iter()
            .map(|(number, text)| (*number, if text.len() == LARGEST { "x" } else { text }))
            .collect();
        assert_eq!(
            texts,
            [
                (1, "is not UTF-8 from its byte 7 on"),
                (2, "{}"),
                (3, "x"),
                (4, "is larger than 64 KiB"),
                (5, "[]"),
                (6, "is not UTF-8 from its byte 1 on"),
                (7, "{}"),
            ]
        );
    }

    #[test]
    fn files_that_are_no_text_are_told_by_their_beginning() {
        for (start, said) in [
            (&b"\xff\xfe{\0"[..], Some("UTF-16")),
            (b"\xfe\xff\0{", Some("UTF-16")),
            (b"{\0\"\0", Some("UTF-16")),
            (b"\0{\0\"", Some("UTF-16")),
            (b"\x1f\x8b\x08", Some("compressed")),
            (b"PK\x03\x04", Some("compressed")),
            (b"{\"kind\"", None),
            (b"\xef\xbb\xbf{", None),
            (b"", None),
            (b"\n", None),
        ] {
            let told = other_than_text(start);
            assert_eq!(told.is_some(), said.is_some(), "{start:?}");
            assert!(told.unwrap_or_default().contains(said.unwrap_or_default()));
        }
    }
}
