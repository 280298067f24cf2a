//! What is a matter of taste in reading an answer.

/// How an envelope is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    success: Vec<String>,
}

impl Default for Reading {
    /// The collection's own word, and what other versions of an API may say in its place.
    fn default() -> Self {
        Self::with_success([
            "success",
            "successful",
            "succeeded",
            "ok",
            "true",
            "200",
            "00",
        ])
    }
}

impl Reading {
    /// These words of `status` mean success. They are compared without regard to case and white space around; numbers and
    /// booleans by their text.
    pub fn with_success<T: AsRef<str>>(words: impl IntoIterator<Item = T>) -> Self {
        let word = |word: T| word.as_ref().trim().to_lowercase();
        Self {
            success: words.into_iter().map(word).collect(),
        }
    }

    pub(crate) fn is_success(&self, status: &str) -> bool {
        let status = status.trim();
        self.success
            .iter()
            .any(|word| *word == status.to_lowercase())
    }
}
