//! Ranges of lines. They are printed when a file could not be sent to its end, and are given to `--lines` to continue.

use std::fmt;

/// A set of lines of a file, like `33-64,97-` or `5,7`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ranges(Vec<(usize, Option<usize>)>);

impl Ranges {
    /// Parses the form that [`fmt::Display`] writes.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.trim().parse().ok().filter(|number| *number > 0);
        let range = |part: &str| match part.split_once('-') {
            None => number(part).map(|line| (line, Some(line))),
            Some((first, last)) if last.trim().is_empty() => Some((number(first)?, None)),
            Some((first, last)) => {
                let (first, last) = (number(first)?, number(last)?);
                (first <= last).then_some((first, Some(last)))
            }
        };
        let ranges: Option<Vec<_>> = text.split(',').map(range).collect();
        ranges
            .map(Self)
            .ok_or_else(|| "write line numbers and ranges, like 33-64,97-".to_owned())
    }

    /// Adds a line after all others.
    pub(super) fn push(&mut self, line: usize) {
        match self.0.last_mut() {
            Some((_, Some(last))) if *last + 1 == line => *last = line,
            _ => self.0.push((line, Some(line))),
        }
    }

    /// Adds this line and all after it, of those that are meant. Others may have been sent before.
    pub(super) fn push_rest(&mut self, from: usize, meant: Option<&Self>) {
        let all = Self(vec![(1, None)]);
        let left = meant.unwrap_or(&all).0.iter();
        for (first, last) in left.filter(|(_, last)| last.is_none_or(|last| last >= from)) {
            let first = from.max(*first);
            match self.0.last_mut() {
                Some((_, end)) if end.is_some_and(|end| end + 1 == first) => *end = *last,
                _ => self.0.push((first, *last)),
            }
        }
    }

    /// Returns whether there is no line in the set.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether a line is in the set.
    pub(super) fn hold(&self, line: usize) -> bool {
        let within = |(first, last): &(usize, Option<usize>)| {
            *first <= line && last.is_none_or(|last| line <= last)
        };
        self.0.iter().any(within)
    }
}

impl fmt::Display for Ranges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, (first, last)) in self.0.iter().enumerate() {
            let comma = if nth == 0 { "" } else { "," };
            match last {
                Some(last) if last == first => write!(f, "{comma}{first}")?,
                Some(last) => write!(f, "{comma}{first}-{last}")?,
                None => write!(f, "{comma}{first}-")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_holds_only_lines_that_are_meant() {
        for (meant, from, rest) in [
            ("33-64,97-", 40, "39-64,97-"),
            ("33-64,97-", 65, "39,97-"),
            ("33-64,97-", 120, "39,120-"),
            ("1-50,60,70-80", 55, "39,60,70-80"),
            ("70-80,1-50", 40, "39,70-80,40-50"),
            ("1-50", 51, "39"),
        ] {
            let mut open = Ranges::parse("39").unwrap();
            open.push_rest(from, Some(&Ranges::parse(meant).unwrap()));
            assert_eq!(open.to_string(), rest, "{meant} from {from}");
        }
    }

    #[test]
    fn ranges_are_read_as_they_are_told() {
        let mut ranges = Ranges::default();
        for line in [3, 4, 5, 9, 11] {
            ranges.push(line);
        }
        ranges.push_rest(12, None);
        assert_eq!(ranges.to_string(), "3-5,9,11-");
        let read = Ranges::parse("3-5,9, 11-").unwrap();
        assert_eq!(read, ranges);
        let held: Vec<usize> = (0..14).filter(|line| read.hold(*line)).collect();
        assert_eq!(held, [3, 4, 5, 9, 11, 12, 13]);
        for wrong in ["", "0", "x", "5-3", "-3", "1,,2", "1-2-3"] {
            assert!(Ranges::parse(wrong).is_err(), "{wrong}");
        }
    }
}
