//! Typos.

use crate::support::{Row, persons};

#[rustfmt::skip]
pub(crate) const ROWS: &[Row] = &[
    ("Oakfor", "Okafor", "partial:close_spelling", "neighbours changed places at the start"),
    ("Okafro", "Okafor", "partial:close_spelling", "and at the end"),
    ("Muas", "Musa", "partial:close_spelling", "four letters allow that"),
    ("Eez", "Eze", "mismatch", "three letters do not"),
    ("Babatudne", "Babatunde", "partial:close_spelling", "within a long name"),
    ("Okfore", "Okafor", "mismatch", "two typos"),
    ("Taiwoh", "Taiwo", "partial:known_variant", "a silent letter more"),
    ("Taiwou", "Taiwo", "partial:close_spelling", "a letter more"),
    ("Tawo", "Taiwo", "mismatch", "four letters allow no missing letter"),
    ("Akande", "Akanda", "mismatch", "a last vowel distinguishes names"),
    ("Emeka", "Emeko", "mismatch", "a last vowel distinguishes names"),
    ("Kokafor", "Okafor", "mismatch", "a letter before the first"),
    ("Femmi|Bello", "Femi|Bello", "partial:known_variant match", "a doubled letter"),
    ("Chinwendu|Okafor", "Chinwedu|Okafor", "partial:close_spelling match", "a letter forgotten in the record"),
    ("Ola2", "Ola3", "mismatch", "digits are never typos"),
];

#[test]
fn transposed() {
    persons(ROWS);
}
