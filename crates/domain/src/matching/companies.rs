//! Compares company names: every word must be on both sides, and none may be replaced by another.
//!
//! Legal forms are compared separately. Ltd and Plc of one name are two companies, but a form may be left out.

use super::{
    MatchPolicy, Rule,
    compared::Compared,
    fold,
    pairs::{How, Pairs, Place, Tie, Word},
};

/// Legal forms, each with its normalised spelling.
const FORMS: [(&str, &str); 15] = [
    ("ltd", "ltd"),
    ("limited", "ltd"),
    ("plc", "plc"),
    ("llp", "llp"),
    ("lp", "lp"),
    ("gte", "gte"),
    ("guarantee", "gte"),
    ("ultd", "unlimited"),
    ("unlimited", "unlimited"),
    ("inc", "inc"),
    ("incorporated", "inc"),
    ("llc", "llc"),
    ("ent", "enterprise"),
    ("enterprise", "enterprise"),
    ("enterprises", "enterprise"),
];

/// Legal forms written out, each with its abbreviation.
const WRITTEN_OUT: [(&[&str], &str); 4] = [
    (&["public", "limited", "company"], "plc"),
    (&["limited", "liability", "partnership"], "llp"),
    (&["limited", "liability", "company"], "llc"),
    (&["limited", "by", "guarantee"], "gte"),
];

/// Words that are ignored next to others.
const EMPTY: [&str; 9] = [
    "and", "the", "of", "co", "coy", "company", "nig", "nigeria", "ng",
];

/// Usual abbreviations, each with the full word.
const SHORT: [(&str, &str); 14] = [
    ("intl", "international"),
    ("int", "international"),
    ("bros", "brothers"),
    ("svcs", "services"),
    ("servs", "services"),
    ("mfg", "manufacturing"),
    ("mgt", "management"),
    ("mgmt", "management"),
    ("hldgs", "holdings"),
    ("grp", "group"),
    ("govt", "government"),
    ("assoc", "associates"),
    ("constr", "construction"),
    ("dev", "development"),
];

/// A company name, divided into words and legal forms.
struct Name {
    words: Vec<Word>,
    forms: Vec<&'static str>,
}

/// Compares a claimed name with the registered one.
pub(super) fn compare(claimed: &str, known: &str, policy: &MatchPolicy) -> Compared {
    let (claimed, known) = (Name::of(claimed), Name::of(known));
    if claimed.words.is_empty() {
        return Compared::unknown(Rule::NothingClaimed);
    }
    if known.words.is_empty() {
        return Compared::blank();
    }
    let how = How {
        close: policy.close_spelling,
        persons: false,
    };
    let pairs = Pairs::of(&claimed.words, &known.words, how);
    let found: Vec<_> = pairs.claimed.iter().flatten().collect();
    let missing = claimed.words.len() - found.len();
    let extra = pairs.taken.iter().filter(|taken| !**taken).count();
    let most = claimed.words.len().max(known.words.len()) as f64;
    let score = (found.iter().map(|pair| pair.score).sum::<f64>() + 0.0) / most;
    if missing == 0 && extra == 0 {
        return match found.iter().map(|pair| pair.tie).max() {
            Some(Tie::Close) => Compared::partial(score, Rule::CloseSpelling),
            Some(Tie::Lost) => Compared::partial(score, Rule::LettersLost),
            _ if claimed.is_of_another_form(&known) => {
                Compared::partial(0.95, Rule::LegalFormDiffers)
            }
            Some(Tie::Joined) => Compared::matched(Rule::JoinedWords),
            // "Light Star" is not "Star Light".
            _ if claimed.words != known.words => Compared::partial(0.95, Rule::OrderDiffers),
            _ => Compared::matched(Rule::AllWords),
        };
    }
    // A replaced word makes another company. A word that is left out may not.
    let left_out = missing == 0 || extra == 0;
    let share = (claimed.words.len() - missing) as f64 / most;
    if left_out && share + 1e-9 >= policy.name_share {
        Compared::partial(score, Rule::EnoughWords)
    } else {
        Compared::mismatch(score, Rule::WordsDiffer)
    }
}

impl Name {
    fn of(text: &str) -> Self {
        let mut texts = fold::words(text);
        texts.retain(|text| text != "and");
        let texts = without_number(letters_joined(texts));
        let texts = written_out(texts);
        let form = |text: &str| FORMS.iter().find(|(spelling, _)| *spelling == text);
        let counts = |text: &&String| form(text).is_none() && !EMPTY.contains(&text.as_str());
        let counting: Vec<String> = texts.iter().filter(counts).map(|text| long(text)).collect();
        let mut forms: Vec<_> = texts
            .iter()
            .filter_map(|text| Some(form(text)?.1))
            .collect();
        forms.sort_unstable();
        forms.dedup();
        if counting.is_empty() {
            // Without other words these are the name, as in "Nigeria Enterprises Limited".
            let spelt =
                |text: &String| form(text).map_or(text.clone(), |(_, form)| (*form).to_owned());
            return Self {
                words: words(texts.iter().map(spelt).collect()),
                forms: Vec::new(),
            };
        }
        Self {
            words: words(counting),
            forms,
        }
    }

    fn is_of_another_form(&self, other: &Self) -> bool {
        !self.forms.is_empty() && !other.forms.is_empty() && self.forms != other.forms
    }
}

fn words(texts: Vec<String>) -> Vec<Word> {
    let word = |text| Word {
        text,
        place: Place::First,
        beside: false,
    };
    texts.into_iter().map(word).collect()
}

fn long(text: &str) -> String {
    let found = SHORT.iter().find(|(short, _)| *short == text);
    found.map_or(text, |(_, long)| long).to_owned()
}

/// Joins single letters: `P.Z.` becomes `PZ`.
fn letters_joined(texts: Vec<String>) -> Vec<String> {
    let single =
        |text: &str| text.chars().count() == 1 && !text.starts_with(|c: char| c.is_ascii_digit());
    let mut joined: Vec<String> = Vec::with_capacity(texts.len());
    let mut open = false;
    for text in texts {
        let is_single = single(&text);
        match joined.last_mut() {
            Some(last) if open && is_single => last.push_str(&text),
            _ => joined.push(text),
        }
        open = is_single;
    }
    joined
}

/// Removes a registration number from the name, unless nothing else remains.
fn without_number(texts: Vec<String>) -> Vec<String> {
    let digits = |text: &str| text.len() >= 4 && text.bytes().all(|b| b.is_ascii_digit());
    let register = |text: &str| matches!(text, "rc" | "bn");
    let mut kept: Vec<String> = Vec::with_capacity(texts.len());
    for text in &texts {
        if digits(text) && kept.last().is_some_and(|last| register(last)) {
            kept.pop();
        } else if !(text.len() > 2
            && text.is_char_boundary(2)
            && register(&text[..2])
            && digits(&text[2..]))
        {
            kept.push(text.clone());
        }
    }
    if kept.is_empty() { texts } else { kept }
}

/// Replaces legal forms that are written out by their abbreviations.
fn written_out(mut texts: Vec<String>) -> Vec<String> {
    for (long, short) in WRITTEN_OUT {
        let at = texts
            .windows(long.len())
            .position(|window| window.iter().eq(long));
        if let Some(at) = at {
            texts.splice(at..at + long.len(), [short.to_owned()]);
        }
    }
    texts
}
