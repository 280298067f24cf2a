//! A wrapper that keeps personal data out of logs and other output.

use std::fmt;

use zeroize::Zeroize;

/// A value that `Debug` never shows and that is wiped from memory when dropped.
///
/// It implements neither `Display` nor `Deref` nor `Serialize`. Code that needs the value calls [`expose`](Self::expose), which
/// is easy to search for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Sensitive<T: Zeroize>(T);

impl<T: Zeroize> Sensitive<T> {
    /// Wraps a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// Returns the value. It must not reach a log, an error, a span, a metric or a page.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl Sensitive<String> {
    /// Returns the last three characters, with an asterisk for each character before them. A text of up to five characters is
    /// masked completely.
    pub fn masked(&self) -> String {
        let length = self.0.chars().count();
        if length <= 5 {
            return "*".repeat(length);
        }
        let tail: String = self.0.chars().skip(length - 3).collect();
        format!("{}{tail}", "*".repeat(length - 3))
    }
}

impl<T: Zeroize> Drop for Sensitive<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sensitive(***)")
    }
}

impl From<&str> for Sensitive<String> {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_and_the_mask_three_characters() {
        let number = Sensitive::from("22212345356");
        assert_eq!(format!("{number:?}"), "Sensitive(***)");
        assert_eq!(number.masked(), "********356");
        assert_eq!(Sensitive::from("Ada").masked(), "***");
        assert_eq!(Sensitive::from("ẸniọláX").masked(), "****láX");
    }
}
