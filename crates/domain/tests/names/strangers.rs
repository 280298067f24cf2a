//! Different people, who must not match.

use crate::support::{Row, persons};

#[rustfmt::skip]
pub(crate) const ROWS: &[Row] = &[
    ("Ada|Okafor", "Ngozi|Eze", "mismatch mismatch", "nothing in common"),
    ("Musa|Bello", "Ibrahim|Bello", "mismatch match", "one family"),
    ("Musa|Bello", "Musa|Garba", "match mismatch", "one given name"),
    ("Taiwo|Adeleke", "Kehinde|Adeleke", "mismatch match", "twins"),
    ("||Taiwo Ayomide Adeleke", "Kehinde|Ayomide|Adeleke", "mismatch", "twins, claimed in one field"),
    ("||Taiwo Adeleke", "Kehinde|Adeleke", "mismatch", "twins, claimed in one field"),
    ("Taiwo Oluwaseun Ayomide|Adeleke", "Kehinde Oluwaseun Ayomide|Adeleke", "mismatch match", "twins who share two names"),
    ("Salihu|Bello", "Salisu|Bello", "mismatch match", "one consonant, two names"),
    ("Habiba|Bello", "Habila|Bello", "mismatch match", "a woman and a man"),
    ("Simon|Eze", "Simone|Eze", "mismatch match", "a man and a woman"),
    ("Oghenekaro|Ojo", "Oghenemaro|Ojo", "mismatch match", "brothers"),
    ("Okeleke", "Okereke", "mismatch", "two families"),
    ("Hassan|Bello", "Hussaini|Bello", "mismatch match", "twins"),
    ("Hassana|Bello", "Hassan|Bello", "mismatch match", "brother and sister"),
    ("Oluwaseun|Adebayo", "Oluwasegun|Adebayo", "mismatch match", "brothers"),
    ("Chukwuemeka|Obi", "Chukwuebuka|Obi", "mismatch match", "brothers"),
    ("Rashida|Aliyu", "Rashid|Aliyu", "mismatch match", "brother and sister"),
    ("Emmanuela|Eze", "Emmanuel|Eze", "mismatch match", "brother and sister"),
    ("Ada|Chioma|Okafor", "Ada|Ngozi|Eze", "match mismatch mismatch", "one name of three"),
    ("Ada Okafor", "Ada|Eze", "mismatch", "one of two in one field"),
    ("Al|Bello", "Musa|Bello", "mismatch match", "an article alone is a name like others"),
    ("Mr", "Mr Bello", "partial:title_only", "a title alone confirms nobody"),
    ("Ada|Obi", "Adaobi|Okeke", "mismatch mismatch", "first and last name are not one word"),
    ("Chioma|Adaobi", "Ada|Obi", "mismatch mismatch", "nor do first and last name make up one"),
    ("A.|Damu|Bello", "Adamu|Garba", "partial unknown mismatch", "nor an initial and the name behind it"),
    ("Ojo", "Oje", "mismatch", "short words allow no typo"),
    ("Ali", "Alo", "mismatch", "short words allow no typo"),
    ("Obi", "Obinna", "mismatch", "a beginning is not the name"),
    ("Chi", "Chioma", "mismatch", "a beginning is not the name"),
    ("Ola", "Adeola", "mismatch", "three letters are too few for a short form"),
    ("Martins", "Martina", "mismatch", "two names"),
];

#[test]
fn strangers() {
    persons(ROWS);
}
