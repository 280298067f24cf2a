//! Names of other peoples of Nigeria and of its neighbours, Christian names, and other scripts.

use crate::support::{Row, persons};

#[rustfmt::skip]
pub(crate) const ROWS: &[Row] = &[
    ("Tejiri|Ojo", "Oghenetejiri|Ojo", "partial:short_form match", "Urhobo, as people are called"),
    ("Mfon|Udo", "Mfonobong|Udo", "partial:short_form match", "Ibibio, as people are called"),
    ("Ese|Iyamu", "Ẹ́sẹ|Ìyámù", "match match", "Edo, with marks"),
    ("Osaghae", "Osagae", "partial:known_variant", "Edo gh"),
    ("Tersoo|Iorfa", "TERSOO|IORFA", "match match", "Tiv"),
    ("Ekpo|Bassey", "Ekpo|Bassey", "match match", "Efik"),
    ("Effiong", "Efiong", "partial:known_variant", "doubled letter"),
    ("D'Almeida", "Dalmeida", "match", "Lagos, from Brazil"),
    ("D Almeida", "D'Almeida", "match:joined_words", "a blank in place of the apostrophe"),
    ("da Silva", "Silva", "partial:particle_left_out", "an article"),
    ("N'Guessan", "Nguessan", "match", "from Côte d'Ivoire"),
    ("Dossou|Agbodjan", "Dossou|Agbodjan", "match match", "from Benin"),
    ("Kɔjo", "Kojo", "match", "open o, Ewe and Akan"),
    ("Đình", "Dinh", "match", "d with stroke"),
    ("Stephen", "Steven", "partial:known_variant", "one name, two spellings"),
    ("Micheal", "Michael", "partial:known_variant", "common in Nigeria"),
    ("Mathew", "Matthew", "partial:known_variant", "doubled letter"),
    ("Ester", "Esther", "partial:known_variant", "th for t"),
    ("Deborah", "Debora", "partial:known_variant", "silent h"),
    ("Francis", "Frances", "mismatch", "a man's and a woman's name"),
    ("Daniel", "Danielle", "mismatch", "a man's and a woman's name"),
    ("Christian", "Christiana", "mismatch", "a man's and a woman's name"),
    ("Victor", "Victoria", "mismatch", "a man's and a woman's name"),
    ("محمد", "محمد", "match", "Arabic letters agree with themselves"),
    ("محمد", "Muhammad", "mismatch", "nothing is transliterated"),
    ("李|Wei", "李|Wei", "match match", "a letter that is a whole name is no initial"),
];

#[test]
fn others() {
    persons(ROWS);
}
