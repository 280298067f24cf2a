//! Hausa, Fulani and Kanuri names, and the Arabic ones behind them.

use crate::support::{Row, persons};

#[rustfmt::skip]
pub(crate) const ROWS: &[Row] = &[
    ("Musa|Danjuma", "MUSA|DANJUMA", "match match", "case does not matter"),
    ("Danjuma", "Ɗanjuma", "match", "hooked d"),
    ("Baure", "Ɓaure", "match", "hooked b"),
    ("Kwarya", "Ƙwarya", "match", "hooked k"),
    ("Yaraduwa", "Ƴar'aduwa", "match", "hooked y and apostrophe"),
    ("Yar'Adua", "'Yaradua", "match", "an apostrophe in another place"),
    ("Maaji", "Ma'aji", "match", "apostrophe joins"),
    ("Ma’aji", "Maʼaji", "match", "typographic and modifier apostrophe"),
    ("Sa`ad", "Saʿad", "match", "grave accent and ayn sign"),
    ("Mas'uda|Ɓaure", "MASUDA|Baure", "match match", "a plain keyboard"),
    ("Muhammad", "Mohammed", "partial:known_variant", "one name, another spelling"),
    ("Mohamed", "Muhammadu", "partial:known_variant", "one name, another spelling"),
    ("Mohd", "Muhammad", "partial:known_variant", "usual abbreviation"),
    ("Yusuff", "Yusuf", "partial:known_variant", "doubled letter"),
    ("Yousuf", "Yusuf", "partial:known_variant", "ou for u"),
    ("Yusuph", "Yusuf", "partial:known_variant", "ph for f"),
    ("Aishat", "Aisha", "partial:known_variant", "the -t of southern Muslims"),
    ("Ayesha", "Aisha", "partial:known_variant", "another spelling"),
    ("Fatimah", "Fatima", "partial:known_variant", "silent h"),
    ("Fatimat", "Fatima", "partial:known_variant", "the -t"),
    ("Abdulahi", "Abdullahi", "partial:known_variant", "doubled letter"),
    ("Ibraheem", "Ibrahim", "partial:known_variant", "ee for i"),
    ("Ahmed", "Ahmad", "partial:known_variant", "another spelling"),
    ("Uthman", "Usman", "partial:known_variant", "Arabic th is Hausa s"),
    ("Omar", "Umar", "partial:known_variant", "o for u"),
    ("Aliyu", "Ali", "partial:known_variant", "Hausa form of Ali"),
    ("Hadiza", "Khadija", "partial:known_variant", "Hausa form of Khadija"),
    ("Isah", "Isa", "partial:known_variant", "silent h, in the table because it is short"),
    ("Sadik", "Sadiq", "partial:known_variant", "k for q"),
    ("Mustapha", "Mustafa", "partial:known_variant", "ph for f"),
    ("Abubakr", "Abubakar", "partial:known_variant", "a vowel heard or not"),
    ("Sulayman", "Suleiman", "partial:known_variant", "vowels differ"),
    ("Abdul Rahman", "Abdulrahman", "match:joined_words", "written as one or two"),
    ("Abdulrahman", "Abdul-Rahman", "match:joined_words", "hyphen"),
    ("Abdurrahman", "Abdulrahman", "partial:known_variant", "the l is swallowed"),
    ("El-Rufai", "Rufai", "partial:particle_left_out", "an article"),
    ("El Rufai", "Elrufai", "match:joined_words", "article written as one"),
    ("Rufai", "El-Rufai", "match", "the record has every claimed word"),
    ("Hassan", "Hussaini", "mismatch", "the two names of twins"),
    ("Amina", "Aminu", "mismatch", "a woman's and a man's name"),
    ("Jamila", "Jamil", "mismatch", "a woman's and a man's name"),
    ("Ibrahima", "Ibrahim", "mismatch", "a vowel more is another name"),
    ("Abdulkarim", "Abdulkadir", "mismatch", "abdul- is shared by thousands"),
    ("Abdulwahab", "Abdulwahid", "mismatch", "abdul- is shared by thousands"),
    ("Lawal", "Lawan", "mismatch", "two common names"),
    ("Isha", "Isa", "mismatch", "short words allow no typo"),
];

#[test]
fn hausa() {
    persons(ROWS);
}
