//! Names with lost letters.

use crate::support::{Row, companies, persons};

#[rustfmt::skip]
pub(crate) const ROWS: &[Row] = &[
    ("Adéwalé", "AD\u{FFFD}WAL\u{FFFD}", "partial:letters_lost", "letters that could not be decoded"),
    ("Adewale", "AD?WAL?", "partial:letters_lost", "letters that could not be encoded"),
    ("Adewale", "AD¿WAL¿", "partial:letters_lost", "as some databases write it"),
    ("Adewale", "AD\u{1a}WAL\u{1a}", "partial:letters_lost", "as mainframes write it"),
    ("Adewale", "AD&#65533;WAL&#xFFFD;", "partial:letters_lost", "as HTML entities"),
    ("Adewale", "ADï¿½WALï¿½", "partial:letters_lost", "lost, then decoded with the wrong encoding"),
    ("AD?WAL?", "Adéwalé", "partial:letters_lost", "lost in the claim"),
    ("AD?WAL?", "AD?WAL?", "partial:letters_lost", "it may be another letter"),
    ("AD?WALE", "ADEWAL?", "partial:letters_lost", "each lost another"),
    ("Adebola", "AD?WAL?", "mismatch", "the known letters are of another name"),
    ("Wole", "AD?WAL?", "mismatch", "and of another"),
    ("Okafor", "AD?WAL?", "mismatch", "nothing in common"),
    ("Adewaletu", "AD?WAL?", "mismatch", "more letters than were lost"),
    ("Ọlọ́ládé", "?L?L?D?", "partial:letters_lost", "half of the letters"),
    ("Ṣẹ́gun", "??GUN", "partial:letters_lost", "the first ones"),
    ("Segun", "S\u{FFFD}\u{FFFD}\u{FFFD}gun", "partial:letters_lost", "one sign a byte"),
    ("Segun", "Se?gun", "partial:letters_lost", "a mark that stood by itself"),
    ("D'Almeida", "D?ALMEIDA", "partial:letters_lost", "an apostrophe"),
    ("D Almeida", "D?ALMEIDA", "partial:more_claimed_than_recorded", "an apostrophe, claimed as a blank"),
    ("Taiwo Bello", "TAIWO?BELLO", "partial:letters_lost", "a hyphen"),
    ("Taiwo", "TAIWO?BELLO", "partial:letters_lost", "one of two"),
    ("TAIWO?BELLO", "Taiwo-Bello", "partial:letters_lost", "a hyphen of the claim"),
    ("Okafor", "TAIWO?BELLO", "mismatch", "neither of two"),
    ("Folashade", "FOLA?ADE", "partial:letters_lost", "sh for the letter that was lost"),
    ("Mohammed", "MUH?MMED", "partial:letters_lost", "another spelling besides"),
    ("Seun", "OL?WA?EUN", "partial:letters_lost", "as people are called"),
    ("Olusegun", "OLUWA?EGUN", "partial:letters_lost", "Olu for Oluwa"),
    ("O.", "?LADELE", "partial:initial", "an initial that may fit"),
    ("Adé|Bello", "AD?|BELLO", "partial:letters_lost match", "the other name is whole"),
    ("Ada|Okafor", "AD?|BELLO", "partial:letters_lost mismatch", "the other name is another"),
    ("Adé|Ọláwálé|Bello", "AD?|OL?WAL?|BELLO", "partial:letters_lost partial:letters_lost match", "two of three"),
    ("Bello|Adé", "AD?|BELLO", "partial:all_words_in_other_names partial:letters_lost +names_swapped", "the other way round"),
    ("Adé Wálé", "AD?WAL?", "partial:letters_lost", "two words for one"),
    ("Adéwálé", "AD? WAL?", "partial:letters_lost", "one word for two"),
    ("Bello", "????", "unknown:blank_in_record", "every letter"),
    ("Bello", "\u{FFFD}\u{FFFD} \u{FFFD}", "unknown:blank_in_record", "every letter of two words"),
    ("Bello", "NIL?", "unknown:blank_in_record", "a filler, and a sign"),
    ("Bello", "BELLO ?", "match:all_words", "a sign that stands for no letter"),
    ("Ada|Bello", "? Ada|Bello (?)", "match match", "signs next to the name"),
    ("Íyá", "Ã?yÃ¡", "partial:letters_lost", "decoded with the wrong encoding, which lacks a letter"),
    ("Olọ́ládé", "Olá»?lÃ¡dÃ©", "partial:letters_lost", "one of three bytes was lost"),
];

#[rustfmt::skip]
const COMPANIES: &[Row] = &[
    ("Adéwálé Foods Ltd", "AD?WAL? FOODS LIMITED", "partial:letters_lost", "a company"),
    ("Adebola Foods Ltd", "AD?WAL? FOODS LIMITED", "mismatch", "another"),
    ("D'Ada Foods", "D\u{FFFD}ADA FOODS", "partial:letters_lost", "an apostrophe"),
    ("Adewale Sugar", "AD?WAL? FOODS", "mismatch", "a word in another's place"),
];

#[rustfmt::skip]
const ADDRESSES: &[Row] = &[
    ("12 Adéwálé Street, Ikeja", "12 AD?WAL? ST, IKEJA", "partial:letters_lost", "a street"),
    ("14 Adéwálé Street, Ikeja", "12 AD?WAL? ST, IKEJA", "mismatch:numbers_differ", "another house"),
    ("12 Bello Street", "12 AD?WAL? ST", "partial:enough_words", "another street of that number, as without the loss"),
];

#[test]
fn lost_letters() {
    persons(ROWS);
}

#[test]
fn of_companies() {
    companies("company_name", COMPANIES);
    companies("address", ADDRESSES);
}
