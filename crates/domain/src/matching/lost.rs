//! Words of which letters are known to be lost: where a letter has no place in an alphabet on the way, a sign is put for it, as
//! in `AD?WAL?` for Adéwalé. The letter is unknown, so it speaks neither for a word nor against it.

/// Stands in a folded word for what was lost.
pub(super) const LOST: char = char::REPLACEMENT_CHARACTER;

/// The signs that software puts for a letter that it cannot write.
pub(super) fn is_sign(c: char) -> bool {
    matches!(c, LOST | '?' | '¿' | '\u{1A}')
}

/// Letters of the word are lost.
pub(super) fn in_word(word: &str) -> bool {
    word.contains(LOST)
}

/// The folded words that a run of letters, digits and lost letters is. Where no letter is left, the signs tell nothing.
pub(super) fn words_of(run: &str) -> impl Iterator<Item = &str> {
    let divided = !run.chars().any(char::is_alphabetic);
    let parts = run.split(move |c| divided && c == LOST);
    parts.filter(|part| !part.is_empty())
}

/// Both can be one word. What was lost was a letter, or none where it was an apostrophe, a mark, or one of several bytes of a
/// letter.
pub(super) fn fits(one: &str, other: &str) -> bool {
    let other: Vec<char> = other.chars().collect();
    // Whether the letters of the one so far can be the first so many of the other.
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

/// One is a part of the other, where a lost sign can have divided words: `TAIWO?BELLO`.
pub(super) fn is_part(one: &str, other: &str) -> bool {
    let part_of = |part: &str, whole: &str| {
        part.len() >= 3 && in_word(whole) && whole.split(LOST).any(|known| known == part)
    };
    part_of(one, other) || part_of(other, one)
}

/// The share of letters that are known on both sides; never all.
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
    fn a_sign_without_letters_tells_nothing() {
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
