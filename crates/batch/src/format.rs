//! The format of a file, by what is said of it or by how it begins.

use crate::Unusable;

/// The format of a file of jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table with a header. The separator is a comma, a semicolon, a tab or a bar, whichever the header has.
    Csv,
    /// A JSON object in each line.
    Ndjson,
}

/// The byte order mark of UTF-8.
pub(crate) const MARK: &[u8] = b"\xef\xbb\xbf";

impl Format {
    /// Returns the format that a media type such as `text/csv` means, without its parameters.
    pub fn of_media_type(essence: &str) -> Option<Self> {
        let is = |known: &[&str]| known.iter().any(|name| essence.eq_ignore_ascii_case(name));
        // Browsers on Windows send that of the program which opens the file.
        if is(&[
            "text/csv",
            "application/csv",
            "application/vnd.ms-excel",
            "text/tab-separated-values",
        ]) {
            return Some(Self::Csv);
        }
        let ndjson = [
            "application/x-ndjson",
            "application/ndjson",
            "application/jsonl",
            "application/x-jsonlines",
            "application/jsonlines",
        ];
        is(&ndjson).then_some(Self::Ndjson)
    }

    /// Returns the format of a file that begins with these bytes. A line of JSON begins with a brace, and a table with a name.
    pub fn of_start(start: &[u8]) -> Self {
        let start = start.strip_prefix(MARK).unwrap_or(start);
        match start.trim_ascii_start() {
            [b'{' | b'[', ..] | [] => Self::Ndjson,
            _ => Self::Csv,
        }
    }
}

/// Returns why a file that begins with these bytes is no text in UTF-8.
pub(crate) fn other_than_text(start: &[u8]) -> Option<Unusable> {
    let (problem, remedy) = match start {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, _, ..] | [_, 0, ..] => (
            "the file is UTF-16 (or UTF-32)",
            "save it as UTF-8; in Excel as \"CSV UTF-8\"",
        ),
        [b'P', b'K', 3, 4, ..] => (
            "the file is a workbook or an archive, and no text",
            "save the sheet as \"CSV UTF-8\", or unpack the archive",
        ),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => (
            "the file is a workbook, and no text",
            "save the sheet as \"CSV UTF-8\"",
        ),
        [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            ("the file is compressed", "unpack it first")
        }
        [b'%', b'P', b'D', b'F', ..] => {
            ("the file is a PDF, and no table", "send the table as CSV")
        }
        _ => return None,
    };
    Some(Unusable::new(1, problem, remedy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_known_by_its_name_or_its_beginning() {
        assert_eq!(Format::of_media_type("Text/CSV"), Some(Format::Csv));
        assert_eq!(
            Format::of_media_type("application/x-ndjson"),
            Some(Format::Ndjson)
        );
        assert_eq!(Format::of_media_type("application/json"), None);
        for (start, format) in [
            (&b"{\"kind\""[..], Format::Ndjson),
            (b"\xef\xbb\xbf\n {", Format::Ndjson),
            (b"\xef\xbb\xbfbvn;first name", Format::Csv),
            (b"\"BVN\",", Format::Csv),
            (b"", Format::Ndjson),
        ] {
            assert_eq!(Format::of_start(start), format, "{start:?}");
        }
    }

    #[test]
    fn files_that_are_no_text_are_told_by_their_beginning() {
        for (start, said) in [
            (&b"\xff\xfe{\0"[..], Some("UTF-16")),
            (b"\xfe\xff\0{", Some("UTF-16")),
            (b"{\0\"\0", Some("UTF-16")),
            (b"\0{\0\"", Some("UTF-16")),
            (b"\x1f\x8b\x08", Some("compressed")),
            (b"PK\x03\x04", Some("workbook")),
            (b"\xd0\xcf\x11\xe0\xa1\xb1", Some("workbook")),
            (b"%PDF-1.7", Some("PDF")),
            (b"{\"kind\"", None),
            (b"\xef\xbb\xbf{", None),
            (b"", None),
            (b"\n", None),
        ] {
            let told = other_than_text(start).map(|unusable| unusable.problem);
            assert_eq!(told.is_some(), said.is_some(), "{start:?}");
            assert!(told.unwrap_or_default().contains(said.unwrap_or_default()));
        }
    }
}
