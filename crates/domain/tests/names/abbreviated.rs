//! Initials.

use crate::support::{Row, persons};

#[rustfmt::skip]
pub(crate) const ROWS: &[Row] = &[
    ("A.|Okafor", "Adaeze|Okafor", "partial:initial match", "an initial that fits is no match"),
    ("Adaeze|Okafor", "A.|Okafor", "partial:initial match", "nor is one in the record"),
    ("A|Okafor", "A|Okafor", "partial:initial match", "both know the letter only"),
    ("B.|Okafor", "Adaeze|Okafor", "mismatch match", "an initial that fits nothing"),
    ("J.B.|Okafor", "John|Bosco|Okafor", "partial:initial match", "two initials"),
    ("J. B.|Okafor", "John Bosco|Okafor", "partial:initial match", "two initials with a blank"),
    ("J.K.|Okafor", "John|Bosco|Okafor", "mismatch match", "one of two does not fit"),
    ("John B.|Okafor", "John|Bosco|Okafor", "partial:initial match", "name and initial"),
    ("Ada|C.|Okafor", "Ada|Chioma|Okafor", "match partial:initial match", "middle initial"),
    ("A. Okafor", "Ada|Okafor", "partial:initial", "all in one field"),
    ("A.A.|Bello", "Ahmad|Bello", "partial match", "one name fits one initial"),
    ("Ọ.|Bello", "Ọlá|Bello", "partial:initial match", "an initial with a dot below"),
];

#[test]
fn abbreviated() {
    persons(ROWS);
}
