//! Hides how an identity number is recognised in a text that must not show one.

/// This many consecutive digits are neither a count nor a year nor a position, but an identity number.
const NUMBER: usize = 6;

/// The made-up numbers in remedies.
const EXAMPLES: [&str; 3] = ["12345678000", "01234567", "900123"];

/// Asserts that a sentence shows no number, apart from the made-up ones.
pub(crate) fn assert_none(sentence: &str, of: &str) {
    let shown = runs(sentence).find(|run| run.len() >= NUMBER && !EXAMPLES.contains(run));
    assert_eq!(shown, None, "{of} shows a number: {sentence}");
}

/// Returns the runs of digits in a text.
pub(crate) fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_digit())
        .filter(|run| !run.is_empty())
}
