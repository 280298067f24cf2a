//! The meanings of the provider's sentences. The provider documents none, so they are configured.
//!
//! Hides how a sentence is compared: without regard to case, white space and punctuation, from the beginning of a word.

/// Parts of sentences with the same meaning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patterns(Vec<String>);

impl<T: AsRef<str>> FromIterator<T> for Patterns {
    /// Drops texts without a letter or a digit, because they would match every sentence.
    fn from_iter<I: IntoIterator<Item = T>>(texts: I) -> Self {
        let plain = texts.into_iter().map(|text| plain(text.as_ref()));
        Self(plain.filter(|text| !text.is_empty()).collect())
    }
}

impl Patterns {
    fn fit(&self, plain: &str) -> bool {
        self.0.iter().any(|pattern| plain.contains(pattern))
    }
}

/// The sentences of the provider that mean more than a failure.
#[derive(Clone, Debug, Default)]
pub struct Messages {
    /// The wallet is empty.
    pub wallet_empty: Patterns,
    /// There were too many calls.
    pub throttled: Patterns,
    /// The key is refused.
    pub key_refused: Patterns,
    /// The provider, or a service behind it, cannot answer now.
    pub unavailable: Patterns,
    /// The input is wrong.
    pub rejected: Patterns,
    /// The record does not exist.
    pub not_found: Patterns,
}

/// The meaning of a sentence. If several fit, the first variant counts: those about the whole account come before those that
/// end a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meaning {
    /// The wallet is empty.
    WalletEmpty,
    /// There were too many calls. It comes before the key, because such sentences often name the key.
    Throttled,
    /// The key is refused.
    KeyRefused,
    /// The provider, or a service behind it, cannot answer now. It comes before the meanings that end a job, because a
    /// provider that cannot answer does not know whether there is a record.
    Unavailable,
    /// The input is wrong.
    Rejected,
    /// The record does not exist.
    NotFound,
}

impl Messages {
    /// Returns the meaning of the sentence, if it is known.
    pub fn meaning(&self, sentence: &str) -> Option<Meaning> {
        let plain = plain(sentence);
        let known = [
            (&self.wallet_empty, Meaning::WalletEmpty, &*plain),
            (&self.throttled, Meaning::Throttled, &plain),
            (&self.key_refused, Meaning::KeyRefused, &plain),
            (
                &self.unavailable,
                Meaning::Unavailable,
                without_courtesy(&plain),
            ),
            (&self.rejected, Meaning::Rejected, &plain),
            (&self.not_found, Meaning::NotFound, &plain),
            (&self.unavailable, Meaning::Unavailable, &plain),
        ];
        let mut known = known.into_iter();
        known.find_map(|(patterns, meaning, text)| patterns.fit(text).then_some(meaning))
    }
}

/// Returns the sentence without a closing "please try again". Beside a missing record or a wrong input it is only courtesy;
/// in a sentence that says nothing else, it is the whole meaning.
fn without_courtesy(plain: &str) -> &str {
    COURTESIES
        .iter()
        .find_map(|courtesy| plain.strip_suffix(courtesy))
        .unwrap_or(plain)
}

const COURTESIES: [&str; 6] = [
    " please try again",
    " and try again",
    " kindly try again",
    " try again",
    " please retry",
    " kindly retry",
];

/// Returns the words in lower case, each after one space. A pattern then matches only from the beginning of a word:
/// "rate limit" does not match "Corporate Limited".
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len() + 1);
    for word in text.split(|letter: char| !letter.is_alphanumeric()) {
        if !word.is_empty() {
            plain.push(' ');
            plain.push_str(&word.to_lowercase());
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_sentences_fit_from_the_beginning_of_a_word() {
        let rows = [
            ("rate limit", "Rate limit exceeded", true),
            ("rate limit", "API RATE_LIMIT_EXCEEDED", true),
            ("Rate-Limit", "the  rate\r\n limit", true),
            ("rate limit", "Rates limited", false),
            ("rate limit", "Zenith Corporate Limited", false),
            ("insufficient fund", "Insufficient funds!", true),
            (" NO   such\tdigits ", "There are no such digits.", true),
            ("doesn't exist", "It doesn’t exist", true),
            ("bvn not found", "BVN *********** not found", true),
            ("введено неверно", "Число ВВЕДЕНО НЕВЕРНО", true),
            ("not found", "", false),
        ];
        for (pattern, sentence, fits) in rows {
            let patterns: Patterns = [pattern].into_iter().collect();
            assert_eq!(
                patterns.fit(&plain(sentence)),
                fits,
                "{pattern}: {sentence}"
            );
        }
    }

    #[test]
    fn a_pattern_of_nothing_fits_nothing() {
        let patterns: Patterns = ["", " ", "--", "\u{a0}"].into_iter().collect();
        assert_eq!(patterns, Patterns::default());
        assert!(!patterns.fit(&plain("Anything")));
    }

    #[test]
    fn of_several_meanings_the_account_s_counts() {
        let patterns = |text: &str| text.split(',').collect::<Patterns>();
        let messages = Messages {
            wallet_empty: patterns("wallet"),
            throttled: patterns("often"),
            key_refused: patterns("key"),
            unavailable: patterns("later,try again"),
            rejected: patterns("invalid"),
            not_found: patterns("found"),
        };
        for (sentence, meaning) in [
            (
                "invalid key, too often, empty wallet",
                Some(Meaning::WalletEmpty),
            ),
            ("invalid key, too often", Some(Meaning::Throttled)),
            ("invalid key, none found", Some(Meaning::KeyRefused)),
            ("invalid key, later", Some(Meaning::KeyRefused)),
            ("invalid, try again later", Some(Meaning::Unavailable)),
            ("none found: try again soon", Some(Meaning::Unavailable)),
            ("none found. Please try again!", Some(Meaning::NotFound)),
            ("invalid: correct it and try again", Some(Meaning::Rejected)),
            ("out of order, please try again", Some(Meaning::Unavailable)),
            ("invalid, none found", Some(Meaning::Rejected)),
            ("none found", Some(Meaning::NotFound)),
            ("out of order", None),
        ] {
            assert_eq!(messages.meaning(sentence), meaning, "{sentence}");
        }
        assert_eq!(Messages::default().meaning("none found"), None);
    }
}
