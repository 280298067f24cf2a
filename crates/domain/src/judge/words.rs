//! Text as sets of words: case, accents and the letters of Nigerian languages folded, order dropped.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::Compared;
use crate::Match;

/// Words this close count as another spelling of one another (Jaro-Winkler, 0 to 1).
const CLOSE: f64 = 0.92;

/// Folded words of a text.
pub(super) fn of(text: &str) -> Vec<String> {
    fold(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Words of a company's name, without its legal form.
pub(super) fn company(name: &str) -> Vec<String> {
    const FORMS: [&str; 12] = [
        "ltd",
        "limited",
        "plc",
        "llp",
        "lp",
        "gte",
        "nig",
        "nigeria",
        "enterprise",
        "enterprises",
        "and",
        "the",
    ];
    without(of(name), &FORMS)
}

/// Words without those that do not tell one name from another; all of them where there are no others, as in
/// 'Nigeria Enterprises Limited'.
pub(super) fn without(words: Vec<String>, empty: &[&str]) -> Vec<String> {
    let tells = |word: &&String| !empty.contains(&word.as_str());
    let significant: Vec<String> = words.iter().filter(tells).cloned().collect();
    if significant.is_empty() {
        words
    } else {
        significant
    }
}

/// All claimed words found: match. Two of three, or a close spelling: partial.
pub(super) fn compare(claimed: &[String], known: &[String]) -> Compared {
    if known.is_empty() || claimed.is_empty() {
        return Compared::UNKNOWN;
    }
    let scores: Vec<f64> = claimed.iter().map(|word| nearest(word, known)).collect();
    let score = scores.iter().sum::<f64>() / claimed.len() as f64;
    let same = scores.iter().filter(|score| **score >= 1.0).count();
    let close = scores.iter().filter(|score| **score >= CLOSE).count();
    let (result, rule) = if same == claimed.len() {
        (Match::Match, "all_words")
    } else if close == claimed.len() {
        (Match::Partial, "close_spelling")
    } else if claimed.len() > 1 && close * 3 >= claimed.len() * 2 {
        (Match::Partial, "two_of_three_words")
    } else {
        (Match::Mismatch, "words_differ")
    };
    Compared {
        result,
        score,
        rule,
    }
}

/// How near the nearest known word is; 1 only for the same word.
fn nearest(word: &str, known: &[String]) -> f64 {
    let near = |other: &String| {
        if other == word {
            1.0
        } else {
            strsim::jaro_winkler(word, other).clamp(0.0, 0.999)
        }
    };
    known.iter().map(near).fold(0.0, f64::max)
}

/// Lower case, accents dropped, hooked and dotted letters of Hausa, Yoruba and Igbo as their plain ones;
/// apostrophes of any kind join (`Ma'aji` is `maaji`).
fn fold(text: &str) -> String {
    text.nfkd()
        .filter(|c| !is_combining_mark(*c))
        .filter(|c| !matches!(c, '\'' | '’' | '‘' | 'ʼ' | '`' | '´' | 'ʹ'))
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'ɓ' => 'b',
            'ɗ' => 'd',
            'ƙ' => 'k',
            'ƴ' => 'y',
            'ŋ' => 'n',
            'ǝ' | 'ə' => 'e',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_nigerian_languages_fold() {
        assert_eq!(of("Ọládélé Ṣadé-Ńnamdi"), ["oladele", "sade", "nnamdi"]);
        assert_eq!(of("Ɗanjuma Ma’aji ƙasa"), ["danjuma", "maaji", "kasa"]);
    }

    #[test]
    fn legal_forms_do_not_count() {
        assert_eq!(company("Fahey & Sons (Nig.) Ltd"), ["fahey", "sons"]);
        assert_eq!(
            company("The Nigeria Limited"),
            ["the", "nigeria", "limited"]
        );
    }
}
