//! The settings for reading an answer.

/// The settings for reading an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    success: Vec<String>,
}

impl Default for Reading {
    /// Accepts `success`, the word of the provider's collection, and words that other versions of an API may use instead.
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
    /// Returns settings in which these values of `status` mean success.
    ///
    /// Case and surrounding white space are ignored. Numbers and booleans are compared as text.
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
