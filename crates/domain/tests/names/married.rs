//! Names from before and after a marriage.

use crate::support::{Row, persons};

#[rustfmt::skip]
pub(crate) const ROWS: &[Row] = &[
    ("Ada|Okafor", "Ada||Bello|Okafor", "match match:maiden_name +maiden_name", "the record knows the former name"),
    ("Ada|Okafor-Bello", "Ada||Bello|Okafor", "match match:maiden_name +maiden_name", "both, joined by a hyphen"),
    ("Ada|Bello-Okafor", "Ada||Bello|Okafor", "match match:maiden_name +maiden_name", "in either order"),
    ("Ada|Bello", "Ada||Bello|Okafor", "match match:all_words", "the present name says nothing of the former"),
    ("Ada|Okafor", "Ada||Okafor|Okafor", "match match:all_words", "the same before and after"),
    ("Ada|Okafor|Bello", "Ada||Bello|Okafor", "match match:maiden_name match +maiden_name", "used as a middle name"),
    ("Ada|Okafur", "Ada||Bello|Okafor", "match partial:close_spelling +maiden_name", "misspelt"),
    ("Ada|Eze", "Ada||Bello|Okafor", "match mismatch", "neither name"),
    ("Ada|Okafor", "Ada|Bello", "match mismatch", "a former name that the record does not have"),
    ("Ada|Bello", "Ada|||Bello", "match match:maiden_name +maiden_name", "only the former name is known"),
    ("Ada|Okafor", "Ada||Bello|NIL", "match mismatch", "a filler is no name"),
];

#[test]
fn married() {
    persons(ROWS);
}
