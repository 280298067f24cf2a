//! The same names in other fields and in another order.

use crate::support::{Row, persons};

#[rustfmt::skip]
pub(crate) const ROWS: &[Row] = &[
    ("Ada|Uche|Obi", "Uche|Obi|Ada", "match match match +names_rotated", "each in the field of another"),
    ("Ada|Uche|Obi", "Obi|Ada|Uche", "match match match +names_rotated", "the other way round"),
    ("Ola|Taiwo", "Taiwo|Ola", "partial partial +names_swapped", "first and last name changed places"),
    ("Ola|Femi|Taiwo", "Taiwo|Femi|Ola", "partial match partial +names_swapped", "the middle name stays"),
    ("Ola|Femi|Taiwo", "Femi|Ola|Taiwo", "match match match", "swapped first and middle names are not reported"),
    ("Femi|Taiwo", "Ola|Femi|Taiwo", "partial:all_words_in_other_names match:all_words", "called by the middle name, or a father"),
    ("Musa|Bello", "Ibrahim|Musa|Bello", "partial:all_words_in_other_names match", "a father for his son"),
    ("Musa|Bello", "Ibrahim||Musa Bello", "partial:all_words_in_other_names match", "a father for his son, in one field"),
    ("Musa|Ibrahim", "Ibrahim|Musa|Bello", "match:all_words_in_other_names partial:all_words_in_other_names", "the family name was never confirmed"),
    ("Mary|Jane", "Mary Jane|Okafor", "match partial:all_words_in_other_names", "a given name for a family name"),
    ("Okafor|Bello", "Ada||Bello|Okafor", "partial match +maiden_name", "a family name for a given name"),
    ("Ola Femi|Taiwo", "Ola|Femi|Taiwo", "match match", "two given names in one field"),
    ("Femi Ola|Taiwo", "Ola Femi|Taiwo", "match match", "the order does not matter"),
    ("Ola|Taiwo", "Ola Femi|Taiwo Bello", "match match", "the record has more"),
    ("Ade|Ade", "Ade|Ade", "match match", "one name twice"),
    ("Ade|Ade", "Ade|Bello", "match mismatch", "one Ade cannot confirm two"),
    ("Ade|Ade", "Bello|Ade", "mismatch match", "one Ade cannot confirm two"),
    ("Ade Ade|Bello", "Ade|Bello", "partial match", "nor within one field"),
    ("Oluwasheun|Taiwo", "Taiwo|Oluwaseun", "partial partial +names_swapped", "swapped, and another spelling"),
    ("Musa|Ibrahim", "Ibrahim|Musa", "partial partial +names_swapped", "a father and his son"),
    ("Ola|Okafor", "Taiwo|Ola", "partial:all_words_in_other_names mismatch:words_differ", "half a swap is none"),
];

#[test]
fn reordered() {
    persons(ROWS);
}
