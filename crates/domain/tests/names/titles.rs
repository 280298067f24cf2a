//! Titles and suffixes.

use crate::support::{Row, persons};

#[rustfmt::skip]
pub(crate) const ROWS: &[Row] = &[
    ("Alhaji Musa|Bello", "Musa|Bello", "match match", "a title is ignored"),
    ("Alh. Musa|Bello", "Musa|Bello", "match match", "abbreviated, with a dot"),
    ("Musa|Bello", "Alhaji (Dr.) Musa|Bello", "match match", "titles in the record"),
    ("Engr.Chidi|Okafor", "Chidi|Okafor", "match match", "no blank behind the dot"),
    ("Chief Barr. Mrs. Ada|Okafor", "Ada|Okafor", "match match", "three of them"),
    ("Hajiya Aisha|Bello", "Aisha|Bello", "match match", "a title of women"),
    ("Otunba Wale|Ojo", "Wale|Ojo", "match match", "a Yoruba title"),
    ("Mallam Sani|Garba", "Sani|Garba", "match match", "a Hausa title"),
    ("H.R.H. Oba Ade|Ojo", "Ade|Ojo", "match match", "an acronym with dots"),
    ("Alhaji Musa|Bello", "Alhaji Sani|Bello", "mismatch match", "a title alone confirms nobody"),
    ("Chief|Okafor", "Chief|Okafor", "match match", "a title that is all there is"),
    ("Oba", "Oba", "match", "a family name"),
    ("Prince|Okafor", "Prince Chidi|Okafor", "partial:title_only match", "a name or a title"),
    ("Prince Chidi|Okafor", "Prince|Okafor", "partial match", "the record has the title alone"),
    ("Prince Chidi|Okafor", "Chidi|Okafor", "match match", "a title in the claim"),
    ("Musa|Bello Jr", "Musa|Bello", "match match", "a suffix on one side"),
    ("Musa|Bello Jnr.", "Musa|Bello Jr", "match match", "one suffix, two spellings"),
    ("Musa|Bello Jr", "Musa|Bello Snr", "match partial:suffix_differs", "father and son"),
    ("Musa|Bello II", "Musa|Bello III", "match partial:suffix_differs", "the second and the third"),
    ("Musa|Bello Jr", "Musa Snr|Bello", "match partial:suffix_differs", "in another field"),
    ("Junior|Bello", "Junior|Bello", "match match", "a given name"),
];

#[test]
fn titles() {
    persons(ROWS);
}
