//! Known variants: different spellings of one name.
//!
//! There are two sources: a table of names whose vowels are written in many ways, and the sound of the letters, such as `sh` for
//! `ṣ`, `ee` for `i`, doubled letters, and a silent last `h`. A known variant is a partial match, because the register has
//! another spelling than the claim.

use std::{collections::HashMap, sync::LazyLock};

/// Each row is one name.
#[rustfmt::skip]
const NAMES: &[&[&str]] = &[
    &["muhammad", "muhammed", "mohammed", "mohammad", "mohamed", "mohamad", "muhamed", "mohamud", "muhammadu", "mohammadu", "mohd", "muhd", "mohamadou"],
    &["ahmad", "ahmed", "ahmadu", "amadu", "ahamed", "ahmadou"],
    &["mahmud", "mahmoud", "mamud", "mamudu", "mahmudu"],
    &["yusuf", "yusufu", "yousef", "yusif", "isufu"],
    &["aisha", "aishatu", "ayesha", "aysha", "ayisha", "aishetu", "ayishat", "aisatu"],
    &["fatima", "fatimatu", "fatuma", "fatimata", "fatumata", "fathima"],
    &["abdullahi", "abdullah", "abdallah", "abdulai", "abdalla"],
    &["ibrahim", "ebrahim", "ibrahimu", "ibraheemu"],
    &["usman", "uthman", "osman", "othman", "usmanu", "usumanu", "ousmane"],
    &["umar", "omar", "umaru", "omaru"],
    &["ali", "alli", "ally", "aliyu", "aliu", "aliou"],
    &["hassan", "hassanu", "alhassan"],
    &["hussain", "hussein", "hussaini", "husseini", "husaini", "usseni"],
    &["khadija", "hadiza", "hadija", "khadijatu", "kadijatu"],
    &["zainab", "zeinab", "zainabu", "zenab", "zeinabu"],
    &["maryam", "mariam", "maryamu", "mariyam", "mariamu", "meriem"],
    &["hafsa", "hafsatu", "afsat", "hafsah"],
    &["amina", "aminatu", "aminata", "ameena"],
    &["hauwa", "hawwa", "hawau", "hauwau", "hawa"],
    &["rukayya", "rukayatu", "rukiya", "rukaiyatu", "ruqaya"],
    &["sulaiman", "suleiman", "sulieman", "sulemana", "souleymane"],
    &["yahaya", "yahya"],
    &["yakubu", "yakub", "yacub", "yakoub"],
    &["musa", "mussa", "moussa"],
    &["isa", "isah", "issa", "issah", "eesa"],
    &["ishaq", "isiaka", "ishaku", "isyaku", "isiyaku", "ishaka"],
    &["idris", "idrisu", "idrissa", "idriss"],
    &["ismail", "samaila", "ismaila", "ismael", "ismaeel", "ismailu", "esmail"],
    &["abubakar", "abubakr", "abubaker", "abubakari", "aboubakar", "bubakar"],
    &["nasir", "nasiru", "nasser", "naseer", "nassir"],
    &["bashir", "bashiru", "basiru"],
    &["kabir", "kabiru"],
    &["jamil", "jamilu"],
    &["sadiq", "sadiku", "saddique", "sadique"],
    &["rashid", "rashidu", "rasheedu"],
    &["shuaib", "shuaibu", "shoaib", "suaibu"],
    &["salih", "salihu", "saleh", "saliu"],
    &["adam", "adamu", "adamou"],
    &["harun", "haruna", "haroun"],
    &["dawud", "dauda", "daud", "dawuda", "dawood"],
    &["jibril", "jibrin", "jibrilla", "gibril", "jibrilu"],
    &["said", "saidu", "saeed", "seidu"],
    &["rahmat", "ramatu", "rahmatu", "rahamatu"],
    &["bilkis", "bilkisu", "balkisu", "bilqees", "balkis"],
    &["abdulrahman", "abdurrahman", "abdurahman", "abdulrahaman", "abdalrahman", "abdurrahaman", "abdrahman"],
    &["abdulsalam", "abdussalam", "abdulsalami", "abdussalami"],
    &["abdulaziz", "abdulazis", "abdoulaziz"],
    &["abdulkadir", "abdulkader", "abdulkadiri", "abdulkadri", "abdukadir"],
    &["abdulkarim", "abdulkarimu"],
    &["nuruddin", "nurudeen", "nuraddin", "nuradeen", "nurdin"],
    &["salahuddin", "salahudeen", "salaudeen", "salahaddin"],
    &["kamaluddin", "kamaldeen", "kamaludeen", "kamaldin"],
    &["shamsuddin", "shamsudeen", "shamsideen", "samsudeen"],
    &["mustafa", "mustapher", "mustafah"],
    &["sikiru", "sakiru"],
    &["stephen", "steven", "stephan"],
    &["philip", "phillips", "philips"],
    &["elizabeth", "elisabeth"],
    &["catherine", "katherine", "catharine", "katharine"],
    &["geoffrey", "jeffrey", "jeffery"],
    &["rebecca", "rebekah", "rebeccah"],
    &["rachel", "rachael", "racheal"],
    &["michael", "micheal", "mikael"],
    &["emmanuel", "immanuel", "emanuel"],
    &["nathaniel", "nathanael", "nathanial"],
    &["isaac", "isac"],
    &["nwankwo", "nwanko", "nwankwor"], &["okonkwo", "okonko", "okonkwor"], &["okafor", "okafo"],
    &["udo", "udoh"], &["ede", "edeh"], &["obi", "obih"], &["oji", "ojih"], &["eke", "ekeh"], &["oke", "okeh"],
    &["nwafor", "nwafo"], &["chibuzo", "chibuzor"], &["chidinma", "chidimma"], &["taiwo", "taiye", "taye"],
    &["wunmi", "wumi"], &["omowunmi", "omowumi"], &["bunmi", "bumi"], &["olubunmi", "olubumi"],
    &["auwal", "awwal", "auwalu", "awwalu"], &["ann", "anne"], &["jonathan", "johnathan"], &["ayoola", "ayola"],
    &["eze", "ezeh"], &["ume", "umeh"], &["mba", "mbah"], &["uba", "ubah"], &["ike", "ikeh"],
    &["ude", "udeh"], &["oko", "okoh"], &["ibe", "ibeh"], &["ani", "anih"], &["odo", "odoh"],
];

static TABLE: LazyLock<HashMap<String, usize>> = LazyLock::new(|| {
    let rows = NAMES.iter().enumerate();
    let spelt = rows.flat_map(|(row, names)| names.iter().map(move |name| (*name, row)));
    spelt
        .flat_map(|(name, row)| [(name.to_owned(), row), (sound(name), row)])
        .filter(|(spelling, _)| spelling.len() >= SHORTEST || is_listed(spelling))
        .collect()
});

/// Shorter sounds are not compared, because different names share them: Isa and Isha.
const SHORTEST: usize = 4;

fn is_listed(spelling: &str) -> bool {
    NAMES.iter().any(|names| names.contains(&spelling))
}

/// Whether two words are spellings of one name.
///
/// Each word comes with its [`sound`], because computing it for every pair would be slow.
pub(super) fn same((one, one_sound): (&str, &str), (other, other_sound): (&str, &str)) -> bool {
    if one_sound == other_sound && one_sound.len() >= SHORTEST {
        return true;
    }
    let rows = row(one, one_sound).zip(row(other, other_sound));
    rows.is_some_and(|(one, other)| one == other)
}

/// Returns the known spellings of a name, including the name itself, or none if it is not in the table.
pub(super) fn spellings(word: &str, sound: &str) -> &'static [&'static str] {
    row(word, sound).map_or(&[], |row| NAMES[row])
}

fn row(word: &str, sound: &str) -> Option<usize> {
    let by_sound = || TABLE.get(sound).filter(|_| sound.len() >= SHORTEST);
    TABLE.get(word).or_else(by_sound).copied()
}

/// Returns the sound of a word: its letters, reduced by the ways in which spellings of Nigerian names differ.
pub(super) fn sound(word: &str) -> String {
    let mut sound = String::with_capacity(word.len());
    let mut letters = word.chars().peekable();
    while let Some(letter) = letters.next() {
        let (letter, both) = match (letter, letters.peek()) {
            ('s' | 'k' | 'd' | 't' | 'g', Some('h')) => (letter, true),
            ('p', Some('h')) => ('f', true),
            ('o', Some('u' | 'o')) => ('u', true),
            ('e', Some('e')) => ('i', true),
            ('c', Some('k')) | ('q', Some('u')) => ('k', true),
            ('q', _) => ('k', false),
            ('y', _) => ('i', false),
            _ => (letter, false),
        };
        if both {
            letters.next();
        }
        if !sound.ends_with(letter) {
            sound.push(letter);
        }
    }
    without_ending(sound)
}

/// Removes a silent last `h`, and the final `t` that names of West African Muslim women have or lack: Halimat, Halima.
fn without_ending(mut sound: String) -> String {
    let before_last = sound.chars().rev().nth(1);
    let silent = match sound.chars().last() {
        Some('h') => before_last.is_some_and(|c| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u')),
        Some('t') => before_last == Some('a') && sound.len() >= 5,
        _ => false,
    };
    if silent && sound.len() > 3 {
        sound.pop();
    }
    sound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spelling_stands_for_two_names() {
        for (row, names) in NAMES.iter().enumerate() {
            for name in *names {
                let stands_for = super::row(name, &sound(name));
                assert_eq!(stands_for, Some(row), "{name}");
                if sound(name).len() >= SHORTEST {
                    assert_eq!(TABLE.get(&sound(name)), Some(&row), "{name}");
                }
            }
        }
    }

    #[test]
    fn one_sound_is_one_name() {
        let same = |one, other| same((one, &sound(one)), (other, &sound(other)));
        for (one, other) in [
            ("sola", "shola"),
            ("folasade", "folashade"),
            ("ibrahim", "ibraheem"),
            ("yusuf", "yusuff"),
            ("yusuph", "yousuf"),
            ("halima", "halimat"),
            ("okoro", "okoroh"),
            ("mustafa", "mustapha"),
            ("esther", "ester"),
            ("matthew", "mathew"),
            ("abdullahi", "abdulahi"),
        ] {
            assert!(same(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("isa", "isha"),
            ("aba", "abba"),
            ("hassan", "hussein"),
            ("umar", "ammar"),
            ("ali", "aliya"),
        ] {
            assert!(!same(one, other), "{one} {other}");
        }
    }
}
