//! Yoruba names.

use crate::support::{Row, persons};

#[rustfmt::skip]
pub(crate) const ROWS: &[Row] = &[
    ("Olubunmi|Ojo", "Olubumi|Ojo", "partial:known_variant match", "both are usual"),
    ("Taiye|Ojo", "Taiwo|Ojo", "partial:known_variant match", "both are usual"),
    ("Oladele|Olaniyan", "Ọládélé|Ọláníyan", "match match", "tone marks and under-dots"),
    ("Ṣẹ́gun", "Segun", "match", "marks claimed, not recorded"),
    ("S\u{323}e\u{323}\u{301}gun", "Ṣẹ́gun", "match", "decomposed and composed"),
    ("Sẹ\u{329}gun", "Segun", "match", "vertical line below for the dot"),
    ("Ｏｌａ|Ｂｅｌｌｏ", "Ola|Bello", "match match", "full width letters"),
    ("Ola\u{200b}dele", "Oladele", "match", "zero-width space, copied from a page"),
    ("Ola\u{ad}dele", "Oladele", "match", "soft hyphen"),
    ("Oluwaseun", "Oluwa Seun", "match:joined_words", "written as two words"),
    ("Oluwa-Seun", "Oluwaseun", "match:joined_words", "written with a hyphen"),
    ("Oluwa|Seun|Adebayo", "Oluwaseun||Adebayo", "match match match", "one name put into two fields"),
    ("Oluwaseun|Adebayo", "Oluwa|Seun|Adebayo", "match:joined_words match", "the register divides it"),
    ("Shola", "Sola", "partial:known_variant", "sh for ṣ"),
    ("Folashade", "Folasade", "partial:known_variant", "sh for ṣ"),
    ("Shade", "Ṣadé", "partial:known_variant", "sh for ṣ, with marks"),
    ("Oluseun", "Oluwaseun", "partial:known_variant", "olu for oluwa"),
    ("Seun|Adebayo", "Oluwaseun|Adebayo", "partial:short_form match", "as people are called"),
    ("Babatunde", "Tunde", "partial:short_form", "the other way round"),
    ("Bayo", "Adebayo", "partial:short_form", "as people are called"),
    ("Olwaseun", "Oluwaseun", "partial:close_spelling", "a letter forgotten"),
    ("Oluwasegun", "Oluwaseun", "mismatch", "two names that share a beginning"),
    ("Oluwaseyi", "Oluwaseun", "mismatch", "two names that share a beginning"),
    ("Oluwatosin", "Oluwatoyin", "mismatch", "one letter, two names"),
    ("Oluwadamilola", "Oluwadamilare", "mismatch", "two names that share a beginning"),
    ("Adebayo", "Adebola", "mismatch", "two names that share ade-"),
    ("Adeyemi", "Adeyemo", "mismatch", "two surnames, one vowel"),
    ("Olamide", "Olumide", "mismatch", "ola- and olu- are two words"),
    ("Akinwale", "Akinwande", "mismatch", "two names that share akin-"),
    ("Ogunleye", "Ogundele", "mismatch", "two surnames that share ogun-"),
    ("Babatunde", "Babatope", "mismatch", "two names that share baba-"),
    ("Boluwatife", "Oluwatife", "mismatch", "a first letter is no typo"),
    ("Bisola", "Busola", "mismatch", "two names that share -ola"),
    ("Olaniyi", "Olaniyan", "mismatch", "two surnames"),
    ("Temitope", "Temilope", "mismatch", "two names that share temi-"),
];

#[test]
fn yoruba() {
    persons(ROWS);
}
