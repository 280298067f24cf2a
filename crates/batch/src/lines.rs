//! Splits bytes into lines of JSON, whatever program wrote them. Hides byte order marks, the three kinds of line ends, end marks,
//! and lines that are too long to be buffered.

use kyc_domain::Refusals;

use crate::{LARGEST, format::MARK};

/// The end-of-file mark of DOS.
const END_MARK: u8 = 0x1a;

/// A line that is not blank.
pub(crate) struct Line {
    pub(crate) number: usize,
    pub(crate) size: u64,
    /// The text of a job, or why the line cannot be one.
    pub(crate) text: Result<Vec<u8>, Refusals>,
}

/// Bytes that become lines.
#[derive(Default)]
pub(crate) struct Lines {
    /// What was read of the line that is not complete: at most one byte more than [`LARGEST`].
    kept: Vec<u8>,
    /// The size of that line, and of the blank ones before it.
    size: u64,
    /// How many lines are complete.
    number: usize,
    /// Whether the last line ended in CR: an LF right after it belongs to it.
    after_cr: bool,
}

impl Lines {
    /// Returns the number of the line that is read next.
    pub(crate) fn at(&self) -> usize {
        self.number + 1
    }

    /// Takes bytes off the front until a line that is not blank is complete.
    pub(crate) fn next(&mut self, bytes: &mut &[u8]) -> Option<Line> {
        while !bytes.is_empty() {
            if std::mem::take(&mut self.after_cr) && bytes[0] == b'\n' {
                self.size += 1;
                *bytes = &bytes[1..];
                continue;
            }
            let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let used = end.map_or(bytes.len(), |end| end + 1);
            self.keep(&bytes[..end.unwrap_or(used)]);
            self.size += used as u64;
            self.after_cr = end.is_some_and(|end| bytes[end] == b'\r');
            *bytes = &bytes[used..];
            if end.is_some()
                && let Some(line) = self.complete()
            {
                return Some(line);
            }
        }
        None
    }

    /// Returns the last line, if it has no end.
    pub(crate) fn last(&mut self) -> Option<Line> {
        self.complete()
    }

    fn keep(&mut self, text: &[u8]) {
        // Leading white space does not count towards the size of the job.
        let text = if self.kept.is_empty() {
            text.trim_ascii_start()
        } else {
            text
        };
        let room = (LARGEST + 1).saturating_sub(self.kept.len());
        self.kept.extend_from_slice(&text[..text.len().min(room)]);
    }

    fn complete(&mut self) -> Option<Line> {
        self.number += 1;
        let kept = std::mem::take(&mut self.kept);
        let text = trimmed(&kept);
        if text.is_empty() {
            return None;
        }
        Some(Line {
            number: self.number,
            size: std::mem::take(&mut self.size),
            text: checked(text, kept.len() > LARGEST),
        })
    }
}

/// Removes white space, byte order marks and end marks around a job's text. They occur at any line if files were concatenated.
fn trimmed(line: &[u8]) -> &[u8] {
    let line = line.strip_prefix(MARK).unwrap_or(line);
    let end = line
        .iter()
        .rposition(|byte| *byte != END_MARK && !byte.is_ascii_whitespace());
    end.map_or(&[][..], |end| line[..=end].trim_ascii_start())
}

fn checked(text: &[u8], too_long: bool) -> Result<Vec<u8>, Refusals> {
    if too_long {
        return Err(too_large());
    }
    match std::str::from_utf8(text) {
        Ok(_) => Ok(text.to_vec()),
        Err(error) => {
            let problem = format!("is not UTF-8 from its byte {} on", error.valid_up_to() + 1);
            Err(Refusals::one("job", &problem, "write the file as UTF-8"))
        }
    }
}

/// Returns why a row is refused that is larger than any job.
pub(crate) fn too_large() -> Refusals {
    Refusals::one(
        "job",
        "is larger than 64 KiB",
        "write one job in a row, without images",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line: its number and its text, or what is wrong.
    fn read(bytes: &[u8]) -> Vec<(usize, String)> {
        let of = |piece| {
            let (mut lines, mut all, mut size) = (Lines::default(), Vec::new(), 0);
            let mut add = |line: Line| {
                size += line.size;
                let text = match line.text {
                    Ok(text) => String::from_utf8(text).unwrap(),
                    Err(refused) => refused.first().problem.clone(),
                };
                all.push((line.number, text));
            };
            for mut piece in bytes.chunks(piece) {
                while let Some(line) = lines.next(&mut piece) {
                    add(line);
                }
            }
            lines.last().into_iter().for_each(add);
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
}
