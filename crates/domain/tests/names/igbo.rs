//! Igbo names.

use crate::support::{Row, persons};

#[rustfmt::skip]
pub(crate) const ROWS: &[Row] = &[
    ("Chidinma|Eze", "Chidimma|Eze", "partial:known_variant match", "both are usual"),
    ("Chibuzo|Udo", "Chibuzor|Udoh", "partial:known_variant partial:known_variant", "both are usual"),
    ("Uche|Eze", "Uchechukwu|Eze", "partial:short_form match", "as people are called"),
    ("Ifeanyi|Eze", "Ifeanyichukwu|Eze", "partial:short_form match", "as people are called"),
    ("Okonkwo", "Ọkọ́nkwọ", "match", "under-dots and tones"),
    ("Nnamdi|Okafor", "Ńnamdi|Ọkafọr", "match match", "a tone on n"),
    ("Uchenna", "Ụchenna", "match", "under-dot"),
    ("Nwankwo", "Ṅwankwọ", "match", "dot above n"),
    ("Chukwuemeka", "Chukwu Emeka", "match:joined_words", "written as two words"),
    ("Chukwu-Emeka", "Chukwuemeka", "match:joined_words", "written with a hyphen"),
    ("Emeka|Okafor", "Chukwuemeka|Okafor", "partial:short_form match", "as people are called"),
    ("Nonso", "Chinonso", "partial:short_form", "as people are called"),
    ("Ezeh", "Eze", "partial:known_variant", "silent h, in the table because it is short"),
    ("Umeh", "Ume", "partial:known_variant", "silent h"),
    ("Okoroh", "Okoro", "partial:known_variant", "silent h"),
    ("Nwanko", "Nwankwo", "partial:known_variant", "a known spelling"),
    ("Namdi", "Nnamdi", "partial:known_variant", "doubled letter"),
    ("Ifunaya", "Ifunanya", "partial:close_spelling", "a letter forgotten"),
    ("Okafo", "Okafor", "partial:known_variant", "a known spelling"),
    ("Okafur", "Okafor", "partial:close_spelling", "another letter, late in the word"),
    ("Chukwuebuka", "Chukwuemeka", "mismatch", "two names that share chukwu-"),
    ("Okechukwu", "Ikechukwu", "mismatch", "one letter, two names"),
    ("Kelechukwu", "Kenechukwu", "mismatch", "two names that share -chukwu"),
    ("Kelechi", "Kenechi", "mismatch", "two names that share -chi"),
    ("Chidera", "Chidebe", "mismatch", "two names that share chi-"),
    ("Chinyere", "Chinyelu", "mismatch", "two names that share chi-"),
    ("Chioma", "Chinma", "mismatch", "two names that share chi-"),
    ("Okeke", "Okereke", "mismatch", "two surnames"),
    ("Okorie", "Okoro", "mismatch", "two surnames"),
    ("Obiora", "Obioma", "mismatch", "two names that share obi-"),
    ("Onyeka", "Onyema", "mismatch", "two names that share onye-"),
    ("Nwachukwu", "Chukwu", "mismatch", "two surnames, not a short form"),
    ("Ebere", "Ebele", "mismatch", "one letter, two names"),
    ("Uche", "Uchi", "mismatch", "short words allow no typo"),
];

#[test]
fn igbo() {
    persons(ROWS);
}
