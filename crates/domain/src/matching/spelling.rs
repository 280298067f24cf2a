//! When two words are other spellings of one name, and when they only look so.
//!
//! Nigerian names are built of parts that thousands share: Oluwaseun and Oluwasegun agree in eight letters and
//! are two names. So common parts are set aside first, and of what is left only one slip of the pen is let pass,
//! fewer the shorter it is; Jaro-Winkler then has to reach the policy's threshold as well.

use super::{lost, variants};

/// Beginnings that many names share.
const BEGINNINGS: [&str; 35] = [
    "abasi", "aondo", "oghene", "tamuno", "abdul", "abdur", "abdus", "abu", "ada", "ade", "afo",
    "akin", "ayo", "baba", "chi", "chukwu", "eze", "fola", "folu", "ife", "ifa", "nwa", "obi",
    "ogun", "ola", "olu", "oluwa", "omo", "onye", "ore", "oye", "oyin", "temi", "ugo", "uzo",
];

/// Ends that many names share.
const ENDS: [&str; 11] = [
    "chukwu", "oluwa", "deen", "uddin", "ola", "olu", "ade", "ayo", "chi", "nna", "kwo",
];

/// Beginnings that people leave out when they call a child.
const LEFT_OUT: [&str; 14] = [
    "oghene", "abdul", "ade", "akin", "ayo", "baba", "chi", "chukwu", "ife", "ola", "olu", "oluwa",
    "omo", "temi",
];

/// Ends that people leave out: Uche for Uchechukwu.
const LEFT_OFF: [&str; 4] = ["abasi", "chukwu", "chukwuka", "obong"];

/// Pairs that one letter tells apart, and which are not the same person's name.
const APART: [(&str, &str); 8] = [
    ("frances", "francis"),
    ("ibikunle", "ibukunle"),
    ("jibola", "jibolu"),
    ("lawal", "lawan"),
    ("mariam", "marian"),
    ("morenike", "moronkeji"),
    ("olamide", "olumide"),
    ("sadiqa", "sadiya"),
];

/// How close two spellings are, where they are close enough to be one name written twice.
pub(super) fn close(one: &str, other: &str, threshold: f64) -> Option<f64> {
    let (one_letters, other_letters) = (one.chars().count(), other.chars().count());
    let too_far = one_letters.abs_diff(other_letters) > 1;
    if too_far || has_digit(one) || has_digit(other) || apart(one, other) {
        return None;
    }
    let (one, other) = without_shared(one, other);
    let slip = Slip::between(&chars(one), &chars(other))?;
    let score = strsim::jaro_winkler(one, other).min(0.99);
    (slip.passes() && score >= threshold).then_some(score)
}

/// Another accepted spelling of the same name: by the table, or by the ways in which one sound is written.
pub(super) fn variant(one: &str, other: &str, sounds: (&str, &str)) -> bool {
    let (one_sound, other_sound) = sounds;
    variants::same((one, one_sound), (other, other_sound))
        || olu_for_oluwa(one, other)
        || olu_for_oluwa(other, one)
}

/// One is the other without its beginning or its end, as people are called: Seun for Oluwaseun.
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

/// Both can be one name of a person, where letters of it are lost: another spelling of the one, or a longer form of it, can be
/// the other.
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

/// What a name can be a short form of.
fn forms(short: &str) -> impl Iterator<Item = String> {
    let starts = LEFT_OUT.iter().map(move |start| format!("{start}{short}"));
    starts.chain(LEFT_OFF.iter().map(move |end| format!("{short}{end}")))
}

/// How much two words have in common that are not the same: for scores, never for decisions.
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

/// Known to be two names, or built on two different beginnings: Ola-mide and Olu-mide.
fn apart(one: &str, other: &str) -> bool {
    let pair = if one < other {
        (one, other)
    } else {
        (other, one)
    };
    let starts = beginning(one).zip(beginning(other));
    APART.contains(&pair)
        || starts.is_some_and(|(one, other)| !one.starts_with(other) && !other.starts_with(one))
}

/// The longest shared part that the word begins with, unless that is nearly all of it.
fn beginning(word: &str) -> Option<&'static str> {
    let starts = BEGINNINGS.iter().copied();
    let fitting = starts.filter(|start| word.starts_with(start) && word.len() > start.len() + 1);
    fitting.max_by_key(|start| start.len())
}

/// Both words without the longest known beginning and end that they share.
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

/// The one slip that makes one word of another.
struct Slip {
    what: What,
    /// Where, counted from the word's beginning.
    at: usize,
    /// Letters of the shorter word.
    letters: usize,
}

enum What {
    /// Two neighbours changed places.
    Transposed,
    /// A letter more.
    Added { letter: char, last: bool },
    /// Another letter; `vowels` when both are.
    Replaced { vowels: bool, last: bool },
}

impl Slip {
    fn between(one: &[char], other: &[char]) -> Option<Self> {
        let (short, long) = if one.len() <= other.len() {
            (one, other)
        } else {
            (other, one)
        };
        let at = short.iter().zip(long).take_while(|(a, b)| a == b).count();
        let (short_rest, long_rest) = (&short[at..], &long[at..]);
        let what = match (short_rest, long_rest) {
            (_, [letter, rest @ ..]) if rest == short_rest => What::Added {
                letter: *letter,
                last: rest.is_empty(),
            },
            ([a, b, rest @ ..], [c, d, end @ ..]) if rest == end && a == d && b == c => {
                What::Transposed
            }
            ([a, rest @ ..], [b, end @ ..]) if rest == end => What::Replaced {
                vowels: is_vowel(*a) && is_vowel(*b),
                last: rest.is_empty(),
            },
            _ => return None,
        };
        Some(Self {
            what,
            at,
            letters: short.len(),
        })
    }

    /// Short words bear no slip. A first letter is seldom mistaken; a last vowel tells Amina from Aminu and
    /// Adeyemi from Adeyemo, an `a` or `e` more tells Jamila from Jamil and Simone from Simon, and another consonant
    /// Salihu from Salisu.
    fn passes(&self) -> bool {
        match self.what {
            What::Transposed => self.letters >= 4,
            What::Added { letter, last } => {
                self.letters >= 5 && self.at > 0 && !(last && matches!(letter, 'a' | 'e'))
            }
            What::Replaced { vowels, last } => self.letters >= 6 && self.at > 0 && vowels && !last,
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
    fn one_slip_is_close_and_scores_below_one() {
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
    fn a_called_name_is_a_short_form_of_the_whole() {
        assert!(short_form("seun", "oluwaseun") && short_form("chukwuemeka", "emeka"));
        assert!(!short_form("ola", "adeola") && !short_form("nwachukwu", "chukwu"));
        let variant = |one, other| variant(one, other, (one, other));
        assert!(variant("oluseun", "oluwaseun") && !variant("oluwa", "oluwaseun"));
    }
}
