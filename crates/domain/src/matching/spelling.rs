//! Decides whether two words are spellings of one name, or different names.
//!
//! Nigerian names are built of parts that thousands of names share: Oluwaseun and Oluwasegun agree in eight letters and are two
//! names. Shared parts are therefore removed first. The remaining letters may differ by one typo only, and a
//! shorter rest allows fewer kinds of typos. The Jaro-Winkler similarity of the rests must also reach the policy's threshold.

use super::{lost, variants};

/// Beginnings that many names share.
const BEGINNINGS: [&str; 35] = [
    "abasi", "aondo", "oghene", "tamuno", "abdul", "abdur", "abdus", "abu", "ada", "ade", "afo",
    "akin", "ayo", "baba", "chi", "chukwu", "eze", "fola", "folu", "ife", "ifa", "nwa", "obi",
    "ogun", "ola", "olu", "oluwa", "omo", "onye", "ore", "oye", "oyin", "temi", "ugo", "uzo",
];

/// Endings that many names share.
const ENDS: [&str; 11] = [
    "chukwu", "oluwa", "deen", "uddin", "ola", "olu", "ade", "ayo", "chi", "nna", "kwo",
];

/// Beginnings that short forms leave out: Seun for Oluwaseun.
const LEFT_OUT: [&str; 14] = [
    "oghene", "abdul", "ade", "akin", "ayo", "baba", "chi", "chukwu", "ife", "ola", "olu", "oluwa",
    "omo", "temi",
];

/// Endings that short forms leave out: Uche for Uchechukwu.
const LEFT_OFF: [&str; 4] = ["abasi", "chukwu", "chukwuka", "obong"];

/// Pairs of similar spellings that are different names.
const DIFFERENT: [(&str, &str); 8] = [
    ("frances", "francis"),
    ("ibikunle", "ibukunle"),
    ("jibola", "jibolu"),
    ("lawal", "lawan"),
    ("mariam", "marian"),
    ("morenike", "moronkeji"),
    ("olamide", "olumide"),
    ("sadiqa", "sadiya"),
];

/// Returns the similarity of two spellings, or `None` if they are not close enough to be the same name.
pub(super) fn close(one: &str, other: &str, threshold: f64) -> Option<f64> {
    let (one_letters, other_letters) = (one.chars().count(), other.chars().count());
    let too_far = one_letters.abs_diff(other_letters) > 1;
    if too_far || has_digit(one) || has_digit(other) || differ(one, other) {
        return None;
    }
    let (one, other) = without_shared(one, other);
    let typo = Typo::between(&chars(one), &chars(other))?;
    let score = strsim::jaro_winkler(one, other).min(0.99);
    (typo.passes() && score >= threshold).then_some(score)
}

/// Whether both are known variants of one name: by the table, or because they sound the same.
pub(super) fn variant(one: &str, other: &str, sounds: (&str, &str)) -> bool {
    let (one_sound, other_sound) = sounds;
    variants::same((one, one_sound), (other, other_sound))
        || olu_for_oluwa(one, other)
        || olu_for_oluwa(other, one)
}

/// Whether one is a short form of the other: Seun for Oluwaseun.
pub(super) fn short_form(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() < other.len() {
        (one, other)
    } else {
        (other, one)
    };
    let mut rests = LEFT_OUT.iter().filter_map(|start| long.strip_prefix(start));
    let end = long.strip_prefix(short);
    short.len() >= 4
        && (rests.any(|rest| rest == short) || end.is_some_and(|end| LEFT_OFF.contains(&end)))
}

/// Whether both can be the same name of a person if letters are lost: another spelling or a longer form of one can be the
/// other.
pub(super) fn may_be_one(one: &str, other: &str) -> bool {
    let other_form = |one: &str, other: &str| {
        let spellings = variants::spellings(one, &variants::sound(one));
        let longer = one.strip_prefix("olu").filter(|rest| rest.len() > 2);
        let called = one.len() >= 4;
        spellings.iter().any(|form| lost::fits(form, other))
            || longer.is_some_and(|rest| lost::fits(&format!("oluwa{rest}"), other))
            || (called && forms(one).any(|form| lost::fits(&form, other)))
    };
    other_form(one, other) || other_form(other, one)
}

/// Returns the names that a name can be a short form of.
fn forms(short: &str) -> impl Iterator<Item = String> {
    let starts = LEFT_OUT.iter().map(move |start| format!("{start}{short}"));
    starts.chain(LEFT_OFF.iter().map(move |end| format!("{short}{end}")))
}

/// Returns the similarity of two different words. It is used for scores, never for decisions.
pub(super) fn likeness(one: &str, other: &str) -> f64 {
    strsim::jaro(one, other) * 0.9
}

fn olu_for_oluwa(short: &str, long: &str) -> bool {
    let rests = short.strip_prefix("olu").zip(long.strip_prefix("oluwa"));
    rests.is_some_and(|(short, long)| short == long && short.len() > 2)
}

fn has_digit(word: &str) -> bool {
    word.bytes().any(|b| b.is_ascii_digit())
}

/// Whether the words are known to be different names, or have different beginnings: Ola-mide and Olu-mide.
fn differ(one: &str, other: &str) -> bool {
    let pair = if one < other {
        (one, other)
    } else {
        (other, one)
    };
    let starts = beginning(one).zip(beginning(other));
    DIFFERENT.contains(&pair)
        || starts.is_some_and(|(one, other)| !one.starts_with(other) && !other.starts_with(one))
}

/// Returns the longest shared part that the word begins with, unless that is nearly the whole word.
fn beginning(word: &str) -> Option<&'static str> {
    let starts = BEGINNINGS.iter().copied();
    let fitting = starts.filter(|start| word.starts_with(start) && word.len() > start.len() + 1);
    fitting.max_by_key(|start| start.len())
}

/// Removes the longest known beginning and ending that both words share.
fn without_shared<'a>(one: &'a str, other: &'a str) -> (&'a str, &'a str) {
    let starts = BEGINNINGS
        .iter()
        .filter_map(|start| Some((one.strip_prefix(start)?, other.strip_prefix(start)?)));
    let (one, other) = starts
        .min_by_key(|(rest, _)| rest.len())
        .unwrap_or((one, other));
    let ends = ENDS
        .iter()
        .filter_map(|end| Some((one.strip_suffix(end)?, other.strip_suffix(end)?)));
    ends.min_by_key(|(rest, _)| rest.len())
        .unwrap_or((one, other))
}

fn chars(word: &str) -> Vec<char> {
    word.chars().collect()
}

/// The one typo that turns one word into another.
struct Typo {
    change: Change,
    /// Its position, counted from the beginning of the word.
    at: usize,
    /// The number of letters of the shorter word.
    letters: usize,
}

enum Change {
    /// Two neighbouring letters exchanged.
    Transposed,
    /// An added letter.
    Added { letter: char, last: bool },
    /// A replaced letter. `vowels` says whether both are vowels.
    Replaced { vowels: bool, last: bool },
}

impl Typo {
    fn between(one: &[char], other: &[char]) -> Option<Self> {
        let (short, long) = if one.len() <= other.len() {
            (one, other)
        } else {
            (other, one)
        };
        let at = short.iter().zip(long).take_while(|(a, b)| a == b).count();
        let (short_rest, long_rest) = (&short[at..], &long[at..]);
        let change = match (short_rest, long_rest) {
            (_, [letter, rest @ ..]) if rest == short_rest => Change::Added {
                letter: *letter,
                last: rest.is_empty(),
            },
            ([a, b, rest @ ..], [c, d, end @ ..]) if rest == end && a == d && b == c => {
                Change::Transposed
            }
            ([a, rest @ ..], [b, end @ ..]) if rest == end => Change::Replaced {
                vowels: is_vowel(*a) && is_vowel(*b),
                last: rest.is_empty(),
            },
            _ => return None,
        };
        Some(Self {
            change,
            at,
            letters: short.len(),
        })
    }

    /// Whether the words can be the same name in spite of the typo.
    ///
    /// Short words allow none. The first letter is seldom wrong. A last vowel distinguishes Amina from Aminu and Adeyemi from
    /// Adeyemo, an added `a` or `e` Jamila from Jamil and Simone from Simon, and a consonant Salihu from Salisu.
    fn passes(&self) -> bool {
        match self.change {
            Change::Transposed => self.letters >= 4,
            Change::Added { letter, last } => {
                self.letters >= 5 && self.at > 0 && !(last && matches!(letter, 'a' | 'e'))
            }
            Change::Replaced { vowels, last } => {
                self.letters >= 6 && self.at > 0 && vowels && !last
            }
        }
    }
}

fn is_vowel(c: char) -> bool {
    matches!(c, 'a' | 'e' | 'i' | 'o' | 'u')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_share_a_part_are_not_close() {
        for (one, other) in [
            ("oluwaseun", "oluwasegun"),
            ("chukwuemeka", "chukwuebuka"),
            ("adebayo", "adebola"),
            ("ibrahim", "ibrahima"),
            ("okechukwu", "ikechukwu"),
            ("kelechi", "kenechi"),
            ("abdulkarim", "abdulkadir"),
            ("olamide", "olumide"),
            ("jamil", "jamila"),
            ("amina", "aminu"),
            ("ojo", "oje"),
        ] {
            assert_eq!(close(one, other, 0.0), None, "{one} {other}");
        }
    }

    #[test]
    fn one_typo_is_close_and_scores_below_one() {
        for (one, other) in [
            ("okafor", "oakfor"),
            ("okafor", "okaforr"),
            ("musa", "muas"),
            ("anyanwu", "anyawu"),
            ("oluwaseun", "olwaseun"),
            ("ifunanya", "ifunaya"),
        ] {
            let score = close(one, other, 0.92).unwrap_or_default();
            assert!((0.92..1.0).contains(&score), "{one} {other}");
            assert_eq!(close(other, one, 0.92), Some(score));
        }
    }

    #[test]
    fn an_everyday_name_is_a_short_form_of_the_whole() {
        assert!(short_form("seun", "oluwaseun") && short_form("chukwuemeka", "emeka"));
        assert!(!short_form("ola", "adeola") && !short_form("nwachukwu", "chukwu"));
        let variant = |one, other| variant(one, other, (one, other));
        assert!(variant("oluseun", "oluwaseun") && !variant("oluwa", "oluwaseun"));
    }
}
