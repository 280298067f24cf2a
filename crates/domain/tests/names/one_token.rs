//! Records and claims of a single name, or with all names in one field.

use crate::support::{Row, persons};

#[rustfmt::skip]
pub(crate) const ROWS: &[Row] = &[
    ("Musa|Bello", "Musa|", "match unknown:blank_in_record", "the record has one name"),
    ("Musa|Bello", "|Musa", "match unknown:not_in_record", "the one name is the other claim's"),
    ("Musa|Musa", "Musa|", "match unknown", "one name does not confirm two"),
    ("Musa|Bello", "Ibrahim|", "mismatch unknown", "the one name is another"),
    ("Musa", "Musa|", "match:all_words_in_other_names", "found in another field"),
    ("Musa|Bello", "MUSA BELLO", "match match", "the whole name in one field"),
    ("Musa|Bello", "BELLO MUSA", "match match", "in any order"),
    ("Musa|Bello", "BELLO IBRAHIM", "unknown:blank_in_record match", "a blank first name is never a mismatch"),
    ("Musa Bello", "Musa|Bello", "match", "the whole name claimed in one field"),
    ("Musa Ibrahim Bello", "Musa|Bello", "partial:enough_words", "two of three"),
    ("Bello|Musa|Okafor", "Musa|Okafor", "unknown:not_in_record match match", "the record has fewer names, and none that contradicts"),
    ("Musa|", "|Bello", "unknown:blank_in_record", "only the first name is claimed, and blank"),
];

#[test]
fn one_token() {
    persons(ROWS);
}
