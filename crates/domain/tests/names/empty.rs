//! Blanks and fillers.

use crate::support::{Row, persons};

#[rustfmt::skip]
pub(crate) const ROWS: &[Row] = &[
    ("Musa|Bello", "", "unknown unknown", "nothing recorded"),
    ("Bello", "   ", "unknown:blank_in_record", "blanks"),
    ("Bello", "-", "unknown:blank_in_record", "a dash"),
    ("Bello", "***", "unknown:blank_in_record", "signs"),
    ("Bello", "NIL", "unknown:blank_in_record", "filler"),
    ("Bello", "N/A", "unknown:blank_in_record", "filler"),
    ("Bello", "null", "unknown:blank_in_record", "filler of a program"),
    ("Bello", "Not Available", "unknown:blank_in_record", "filler of two words"),
    ("Ada|Ngozi|Okafor", "Ada||Okafor", "match unknown:blank_in_record match", "no middle name recorded"),
    ("Ada|Ngozi|Okafor", "Ada|NIL|Okafor", "match unknown:blank_in_record match", "nor here"),
    ("Ada|Ngozi|Okafor", "Ada Chioma||Okafor", "match unknown:blank_in_record match", "a blank is not a mismatch for names elsewhere"),
    ("Ada|Ngozi|Okafor", "Ada|Chioma|Okafor", "match mismatch match", "another middle name"),
    ("-|Bello", "Musa|Bello", "match", "a claim without a letter is none"),
    ("\u{200b}|Bello", "Musa|Bello", "match", "an invisible claim is none"),
    ("Ada|NIL|Okafor", "Ada|Ngozi|Okafor", "match match", "a filler is no claim"),
    ("Ada|N/A|Okafor", "Ada|Ngozi|Okafor", "match match", "nor is this one"),
    ("Ada|Ngozi|Okafor", "Ada|X|Okafor", "match unknown:blank_in_record match", "filler of one letter"),
    ("Ada|Ngozi|Okafor", "Ada|XX|Okafor", "match unknown:blank_in_record match", "filler of many"),
    ("Ada|Ngozi|Okafor", "Ada|NIL NIL|Okafor", "match unknown:blank_in_record match", "filler twice"),
    ("Ada|Ngozi|Okafor", "Ada|NO MIDDLE NAME|Okafor", "match unknown:blank_in_record match", "filler in words"),
    ("Ada|Ngozi|Okafor", "Ada|NMN|Okafor", "match unknown:blank_in_record match", "filler, short"),
    ("Ada|Ngozi|Okafor", "Ada|NOT PROVIDED|Okafor", "match unknown:blank_in_record match", "filler of a form"),
];

#[test]
fn empty() {
    persons(ROWS);
}
