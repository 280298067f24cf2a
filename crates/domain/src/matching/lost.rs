//! Words with lost letters. Software that cannot encode a letter writes a sign in its place, as in `AD?WAL?` for Adéwalé.
//!
//! A lost letter is unknown, so it neither confirms nor contradicts another letter.

/// Stands for a lost letter in a folded word.
pub(super) const LOST: char = char::REPLACEMENT_CHARACTER;

/// Whether the character is a sign that software writes for a letter that it cannot encode.
pub(super) fn is_sign(c: char) -> bool {
    matches!(c, LOST | '?' | '¿' | '\u{1A}')
}

/// Whether letters of the word are lost.
pub(super) fn in_word(word: &str) -> bool {
    word.contains(LOST)
}

/// Divides a sequence of letters, digits and lost letters into words. Without any letter, the signs only divide.
pub(super) fn words_of(run: &str) -> impl Iterator<Item = &str> {
    let divided = !run.chars().any(char::is_alphabetic);
    let parts = run.split(move |c| divided && c == LOST);
    parts.filter(|part| !part.is_empty())
}

/// Whether both can be the same word.
///
/// A sign stands for one letter, or for none if an apostrophe, a mark, or one of several bytes of a letter was lost.
pub(super) fn fits(one: &str, other: &str) -> bool {
    let other: Vec<char> = other.chars().collect();
    // `reached[n]`: the letters of `one` so far can be the first `n` letters of `other`.
    let mut reached = vec![true];
    for letter in &other {
        reached.push(reached.last() == Some(&true) && *letter == LOST);
    }
    for letter in one.chars() {
        let mut next = vec![reached[0] && letter == LOST];
        for (at, known) in other.iter().enumerate() {
            let lost = letter == LOST || *known == LOST;
            let both = reached[at] && (lost || letter == *known);
            let one_alone = reached[at + 1] && letter == LOST;
            let other_alone = next[at] && *known == LOST;
            next.push(both || one_alone || other_alone);
        }
        reached = next;
        if !reached.contains(&true) {
            return false;
        }
    }
    reached.last() == Some(&true)
}

/// Whether one is a part of the other, because the lost sign may have divided words: `TAIWO?BELLO`.
pub(super) fn is_part(one: &str, other: &str) -> bool {
    let part_of = |part: &str, whole: &str| {
        part.len() >= 3 && in_word(whole) && whole.split(LOST).any(|known| known == part)
    };
    part_of(one, other) || part_of(other, one)
}

/// Returns the share of letters that are known on both sides. It stays below 1.
pub(super) fn score(one: &str, other: &str) -> f64 {
    let letters = |word: &str| word.chars().count();
    let known = |word: &str| word.chars().filter(|c| *c != LOST).count();
    let share = known(one).min(known(other)) as f64;
    (share / letters(one).max(letters(other)).max(1) as f64).min(0.97)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(word: &str) -> String {
        word.replace('?', "\u{FFFD}")
    }

    #[test]
    fn a_lost_letter_is_any_letter_or_none() {
        for (one, other) in [
            ("ad?wal?", "adewale"),
            ("ad?wal?", "adwal"),
            ("?", "a"),
            ("d?almeida", "dalmeida"),
            ("ol??s???gun", "olusegun"),
            ("?gun", "ogun"),
            ("a?e", "ad?"),
            ("ab?", "?bc"),
            ("a??d", "abcd"),
            ("??", ""),
        ] {
            let (one, other) = (shown(one), shown(other));
            assert!(fits(&one, &other) && fits(&other, &one), "{one} {other}");
        }
        for (one, other) in [
            ("ad?wal?", "adebola"),
            ("ad?wal?", "ade"),
            ("ad?wal?", "adewalett"),
            ("ad?wal?", "wale"),
            ("a?b", "abcdb"),
            ("?", "ab"),
            ("a?", ""),
            ("", "a"),
        ] {
            let (one, other) = (shown(one), shown(other));
            assert!(!fits(&one, &other) && !fits(&other, &one), "{one} {other}");
        }
    }

    #[test]
    fn a_sign_without_letters_is_ignored() {
        let words = |run: &str| -> Vec<String> { words_of(run).map(str::to_owned).collect() };
        assert_eq!(words("\u{FFFD}\u{FFFD}"), Vec::<String>::new());
        assert_eq!(words("12\u{FFFD}5"), ["12", "5"]);
        assert_eq!(words("a\u{FFFD}5"), ["a\u{FFFD}5"]);
    }

    #[test]
    fn the_score_is_the_share_of_known_letters() {
        assert!((score("ad\u{FFFD}wal\u{FFFD}", "adewale") - 5.0 / 7.0).abs() < 1e-9);
        assert!(score("okafor", "okafor") < 1.0);
    }
}
