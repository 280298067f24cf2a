//! Names with a hyphen.

use crate::support::{Row, persons};

#[rustfmt::skip]
pub(crate) const ROWS: &[Row] = &[
    ("Ade-Ojo", "Ade Ojo", "match:all_words", "a hyphen divides"),
    ("Ade-Ojo", "Adeojo", "match:joined_words", "or joins"),
    ("Adeojo", "Ade-Ojo", "match:joined_words", "the other way round"),
    ("Ojo-Ade", "Ade-Ojo", "match", "the order does not matter"),
    ("Taiwo–Bello", "Taiwo-Bello", "match", "an en dash"),
    ("Taiwo‑Bello", "Taiwo-Bello", "match", "a hyphen that does not break"),
    ("Okafor", "Okafor-Bello", "match", "the record has every claimed word"),
    ("Okafor-Bello", "Okafor", "partial:more_claimed_than_recorded", "the record has one of the two"),
    ("Okafor-Bello", "Okafor-Musa", "mismatch", "one of two is another"),
    ("Ada|Okafor-Bello", "Ada|Bello", "match partial", "married, and the register has the new name"),
    ("Okafor-Bello-Musa", "Okafor-Bello", "partial:enough_words", "two of three"),
    ("Okafor Musa Eze Ojo", "Okafor", "mismatch", "a name hidden among others confirms nothing"),
];

#[test]
fn double_barrelled() {
    persons(ROWS);
}
