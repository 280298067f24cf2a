//! Folds a text to plain words: lower case, without marks, and without the special letters of Nigerian languages.
//!
//! A name folds to the same words however it was typed, copied or printed.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{lost, restore};

/// Returns the folded words of a text, in their order.
///
/// Any character other than a letter or digit divides words, except a sign for a lost letter, which becomes [`lost::LOST`].
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::with_capacity(4);
    let mut run = String::new();
    each_folded(text, |c| {
        if c.is_alphanumeric() {
            run.push(c);
        } else if lost::is_sign(c) {
            run.push(lost::LOST);
        } else {
            words.extend(lost::words_of(&run).map(str::to_owned));
            run.clear();
        }
    });
    words.extend(lost::words_of(&run).map(str::to_owned));
    words
}

/// Returns the folded text with its punctuation, for values that do not consist of words.
pub(super) fn text(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    each_folded(text, |c| folded.push(c));
    folded
}

fn each_folded(text: &str, mut keep: impl FnMut(char)) {
    let restored = restore::restored(text);
    let text = &*restored;
    if text.is_ascii() {
        let kept = text.chars().filter(|c| !is_ignored(*c));
        return kept.for_each(|c| keep(c.to_ascii_lowercase()));
    }
    // Some marks decompose to a blank, so they are removed before as well.
    let decomposed = text.chars().filter(|c| !is_ignored(*c)).nfkd();
    let kept = decomposed.filter(|c| !is_combining_mark(*c) && !is_ignored(*c));
    for c in kept.flat_map(char::to_lowercase) {
        match plain(c) {
            Some(letters) => letters.chars().for_each(&mut keep),
            // Lower case can add a combining mark.
            None if is_combining_mark(c) => {}
            None => keep(c),
        }
    }
}

/// Whether a character is ignored: apostrophes, glottal signs and tone marks of all kinds, soft hyphens, and invisible
/// characters. They neither distinguish nor divide words.
fn is_ignored(c: char) -> bool {
    matches!(c,
        '\'' | '`' | '´'
        | '\u{2018}'..='\u{201B}' | '\u{2032}' | '\u{2035}' | '\u{FF07}'
        | '\u{02B9}'..='\u{02FF}' | '\u{0294}' | '\u{0295}' | '\u{0241}' | '\u{0242}'
        | '\u{A78B}' | '\u{A78C}' | '\u{1FBD}' | '\u{1FBF}'
        | '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{180E}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// Replaces letters that Unicode does not decompose: the hooked ones of Hausa and Fulfulde, and those of neighbouring languages.
fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'ɓ' => "b",
        'ɗ' | 'ɖ' | 'đ' | 'ð' => "d",
        'ǝ' | 'ə' | 'ɛ' => "e",
        'ƒ' => "f",
        'ɠ' | 'ɣ' => "g",
        'ɨ' | 'ɩ' | 'ı' => "i",
        'ƙ' => "k",
        'ł' => "l",
        'ŋ' | 'ɲ' | 'ƞ' => "n",
        'ɔ' | 'ø' | 'ɵ' => "o",
        'ʉ' | 'ʊ' => "u",
        'ʋ' => "v",
        'ƴ' => "y",
        'æ' => "ae",
        'œ' => "oe",
        'ß' => "ss",
        'þ' => "th",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_nigerian_languages_fold() {
        assert_eq!(words("Ọládélé Ṣadé-Ńnamdi"), ["oladele", "sade", "nnamdi"]);
        assert_eq!(words("Ɗanjuma Ma’aji ƙasa"), ["danjuma", "maaji", "kasa"]);
        assert_eq!(words("Ɓaure Ƴar'aduwa"), ["baure", "yaraduwa"]);
    }

    #[test]
    fn a_name_folds_to_the_same_word_however_it_is_typed() {
        for typed in [
            "Ṣẹ́gun",
            "S\u{323}e\u{323}\u{301}gun",
            "Ｓｅｇｕｎ",
            "Se\u{ad}gun",
            "Se\u{200b}gun",
            "\u{202d}Segun\u{202c}",
            "S\u{329}e\u{329}gun",
        ] {
            assert_eq!(words(typed), ["segun"], "{typed:?}");
        }
        for sign in ['\'', '’', '‘', 'ʼ', 'ʾ', '`', '´', '＇', 'ʔ', 'ꞌ', '′'] {
            assert_eq!(words(&format!("Ma{sign}aji")), ["maaji"], "{sign}");
        }
    }

    #[test]
    fn hyphens_dots_and_other_signs_divide() {
        assert_eq!(words("Ade-Ojo"), words("Ade Ojo"));
        assert_eq!(words("J.B. Okafor"), ["j", "b", "okafor"]);
        assert_eq!(words("  -  "), Vec::<String>::new());
    }
}
