//! What sentences of the provider mean. It documents none, so which of them mean what is configuration.
//!
//! Hides how a sentence is compared: without regard to case, white space and punctuation, from the beginning of a word on.

/// Parts of sentences that all mean the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patterns(Vec<String>);

impl<T: AsRef<str>> FromIterator<T> for Patterns {
    /// Those without a letter or a digit are left out: they would be part of every sentence.
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

/// Sentences of the provider that mean more than a failure.
#[derive(Clone, Debug, Default)]
pub struct Messages {
    /// The wallet is empty.
    pub wallet_empty: Patterns,
    /// There were too many calls.
    pub throttled: Patterns,
    /// The key is refused.
    pub key_refused: Patterns,
    /// The provider, or whom it asks, cannot answer now.
    pub unavailable: Patterns,
    /// The input is wrong.
    pub rejected: Patterns,
    /// The record does not exist.
    pub not_found: Patterns,
}

/// What a sentence means. Of several the first here counts: what holds for the whole account comes before what ends a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meaning {
    /// The wallet is empty.
    WalletEmpty,
    /// There were too many calls. Before the key, which such sentences often name.
    Throttled,
    /// The key is refused.
    KeyRefused,
    /// The provider, or whom it asks, cannot answer now. Before what ends a job: who cannot answer knows of no record.
    Unavailable,
    /// The input is wrong.
    Rejected,
    /// The record does not exist.
    NotFound,
}

impl Messages {
    /// What the sentence means, if it is one that is known.
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

/// The sentence without a closing "please try again": courtesy beside a record that is missing, or an input that is wrong,
/// and the whole meaning of a sentence that says nothing else.
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

/// Words in lower case, each behind one space: so that a part of a sentence begins where a word does, and
/// "rate limit" is none of "Corporate Limited".
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
