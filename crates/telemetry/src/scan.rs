//! Searches the output of a system for bytes that must stay secret.
//!
//! Hides the secret values. A finding contains a label and an offset, and neither `Debug` nor an error shows a value,
//! so a failing test does not leak the secrets that it protects.

use std::fmt;

/// The bytes of a long value that are searched for. This is enough to exclude accidents, and a truncated value is found
/// too.
const PREFIX: usize = 64;

/// The shortest name. Shorter ones occur by accident.
const MIN_NAME: usize = 4;

/// The shortest text. Shorter ones occur by accident.
const MIN_TEXT: usize = 6;

/// The shortest byte string. Shorter ones occur by accident in compressed or encrypted data.
const MIN_BYTES: usize = 16;

/// The secrets to search for, indexed by first byte, so that one pass finds all of them.
#[derive(Default)]
pub struct Needles {
    needles: Vec<Needle>,
    by_first_byte: Vec<Vec<usize>>,
}

struct Needle {
    label: String,
    bytes: Vec<u8>,
    any_case: bool,
}

/// A value is too short to be searched for, because it would occur by accident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TooShort {
    label: String,
    least: usize,
}

impl fmt::Display for TooShort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { label, least } = self;
        write!(
            f,
            "{label} has fewer than {least} bytes and would be found by accident"
        )
    }
}

impl std::error::Error for TooShort {}

/// The location of a secret. Displays as `label at byte 27`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<'a> {
    /// The label under which the secret was registered.
    pub label: &'a str,
    /// The offset of the first occurrence.
    pub offset: usize,
}

impl fmt::Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.label, self.offset)
    }
}

impl Needles {
    /// Returns an empty set of secrets.
    #[must_use]
    pub fn new() -> Self {
        Self {
            needles: Vec::new(),
            by_first_byte: vec![Vec::new(); 256],
        }
    }

    /// Adds a number, a token or a base64 text, which is searched for in this case. Only the first 64 bytes are used.
    ///
    /// # Errors
    ///
    /// Returns [`TooShort`] for fewer than 6 bytes.
    pub fn text(&mut self, label: &str, text: &str) -> Result<&mut Self, TooShort> {
        self.add(label, text.as_bytes(), MIN_TEXT, false)
    }

    /// Adds a name, which is searched for in upper, lower and mixed case (ASCII).
    ///
    /// # Errors
    ///
    /// Returns [`TooShort`] for fewer than 4 bytes.
    pub fn name(&mut self, label: &str, name: &str) -> Result<&mut Self, TooShort> {
        self.add(label, name.as_bytes(), MIN_NAME, true)
    }

    /// Adds the content of a file, such as an image. Only the first 64 bytes are used.
    ///
    /// # Errors
    ///
    /// Returns [`TooShort`] for fewer than 16 bytes.
    pub fn bytes(&mut self, label: &str, bytes: &[u8]) -> Result<&mut Self, TooShort> {
        self.add(label, bytes, MIN_BYTES, false)
    }

    /// Returns the number of secrets.
    #[must_use]
    pub fn len(&self) -> usize {
        self.needles.len()
    }

    /// Returns whether there are no secrets, in which case nothing is ever found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.needles.is_empty()
    }

    /// Returns the first occurrence of each secret in `haystack`, ordered by offset.
    #[must_use]
    pub fn find_in(&self, haystack: &[u8]) -> Vec<Found<'_>> {
        let mut seen = vec![false; self.needles.len()];
        let mut found = Vec::new();
        for (offset, first) in haystack.iter().enumerate() {
            for &index in self.candidates(*first) {
                let needle = &self.needles[index];
                if !seen[index] && needle.is_at(&haystack[offset..]) {
                    seen[index] = true;
                    found.push(Found {
                        label: &needle.label,
                        offset,
                    });
                }
            }
        }
        found
    }

    fn candidates(&self, first: u8) -> &[usize] {
        self.by_first_byte
            .get(usize::from(first))
            .map_or(&[], Vec::as_slice)
    }

    fn add(
        &mut self,
        label: &str,
        bytes: &[u8],
        least: usize,
        any_case: bool,
    ) -> Result<&mut Self, TooShort> {
        let Some(first) = bytes.first().copied().filter(|_| bytes.len() >= least) else {
            return Err(TooShort {
                label: label.to_owned(),
                least,
            });
        };
        let index = self.needles.len();
        let kept = bytes.len().min(PREFIX);
        self.needles.push(Needle {
            label: label.to_owned(),
            bytes: bytes[..kept].to_vec(),
            any_case,
        });
        self.by_first_byte.resize_with(256, Vec::new);
        let (lower, upper) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
        if any_case && lower != upper {
            self.by_first_byte[usize::from(lower)].push(index);
            self.by_first_byte[usize::from(upper)].push(index);
        } else {
            self.by_first_byte[usize::from(first)].push(index);
        }
        Ok(self)
    }
}

impl Needle {
    fn is_at(&self, haystack: &[u8]) -> bool {
        haystack.get(..self.bytes.len()).is_some_and(|part| {
            if self.any_case {
                part.eq_ignore_ascii_case(&self.bytes)
            } else {
                part == self.bytes
            }
        })
    }
}

impl fmt::Debug for Needles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.needles.iter().map(|needle| &needle.label))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_secret_is_found_once_by_label_and_offset() {
        let mut needles = Needles::new();
        needles
            .text("bvn", "22212345678")
            .unwrap()
            .name("last name", "Adebayo")
            .unwrap();
        needles.bytes("selfie", &[0xff; 200]).unwrap();
        let mut dump = b"xx22212345678 aDEBAYO 22212345678".to_vec();
        dump.extend([0xff; 64]);
        let found: Vec<String> = needles
            .find_in(&dump)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            found,
            ["bvn at byte 2", "last name at byte 14", "selfie at byte 33"]
        );
    }

    #[test]
    fn truncated_and_different_values_are_not_found() {
        let mut needles = Needles::new();
        needles.text("token", "tk-secret").unwrap();
        assert!(needles.find_in(b"tk-secre").is_empty());
        assert!(needles.find_in(b"TK-SECRET").is_empty());
        assert!(Needles::default().find_in(b"anything").is_empty());
    }

    #[test]
    fn short_values_are_refused_by_label() {
        let mut needles = Needles::default();
        let refused = needles.name("first name", "Ada").unwrap_err();
        assert_eq!(
            refused.to_string(),
            "first name has fewer than 4 bytes and would be found by accident"
        );
        assert!(needles.text("pin", "").is_err());
        assert!(needles.bytes("image", b"short").is_err());
        assert!(needles.is_empty());
    }

    #[test]
    fn debug_shows_labels_only() {
        let mut needles = Needles::default();
        needles.text("bvn", "22212345678").unwrap();
        assert_eq!(format!("{needles:?}"), r#"["bvn"]"#);
        assert_eq!(needles.len(), 1);
    }
}
