//! Hides how a number is recognised in a text that must show none.

/// So many digits in a row are no count, no year and no position: they are a number.
const NUMBER: usize = 6;

/// Made-up numbers in remedies.
const EXAMPLES: [&str; 3] = ["12345678000", "01234567", "900123"];

/// Fails when a sentence of our own shows a number that is not made up.
pub(crate) fn assert_none(sentence: &str, of: &str) {
    let shown = runs(sentence).find(|run| run.len() >= NUMBER && !EXAMPLES.contains(run));
    assert_eq!(shown, None, "{of} shows a number: {sentence}");
}

/// The digits of a text that stand together.
pub(crate) fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_digit())
        .filter(|run| !run.is_empty())
}
