//! Compares addresses: as sets of words, with the usual abbreviations written out. Another house number is a mismatch.

use super::{
    MatchPolicy, Rule,
    compared::Compared,
    fold,
    pairs::{How, Pairs, Place, Tie, Word},
};

/// Words that are ignored next to others.
const EMPTY: [&str; 8] = [
    "no", "nos", "number", "state", "nigeria", "ng", "the", "house",
];

/// Usual abbreviations, each with the full word.
const SHORT: [(&str, &str); 34] = [
    ("st", "street"),
    ("str", "street"),
    ("rd", "road"),
    ("ave", "avenue"),
    ("av", "avenue"),
    ("cl", "close"),
    ("cres", "crescent"),
    ("crs", "crescent"),
    ("dr", "drive"),
    ("ln", "lane"),
    ("blvd", "boulevard"),
    ("hwy", "highway"),
    ("expy", "expressway"),
    ("expwy", "expressway"),
    ("exp", "expressway"),
    ("opp", "opposite"),
    ("beh", "behind"),
    ("nr", "near"),
    ("est", "estate"),
    ("ext", "extension"),
    ("bldg", "building"),
    ("flr", "floor"),
    ("apt", "flat"),
    ("apartment", "flat"),
    ("ind", "industrial"),
    ("junc", "junction"),
    ("jct", "junction"),
    ("qtrs", "quarters"),
    ("sq", "square"),
    ("mkt", "market"),
    ("lga", "lg"),
    ("ph", "portharcourt"),
    ("phc", "portharcourt"),
    ("vi", "victoriaisland"),
];

/// The share of an address that a claim must name to confirm it.
const ENOUGH: f64 = 0.5;

/// Compares a claimed address with the registered one.
pub(super) fn compare(claimed: &str, known: &str, policy: &MatchPolicy) -> Compared {
    let (claimed, known) = (words(claimed), words(known));
    if claimed.is_empty() {
        return Compared::unknown(Rule::NothingClaimed);
    }
    if known.is_empty() {
        return Compared::blank();
    }
    let how = How {
        close: policy.close_spelling,
        persons: false,
    };
    let pairs = Pairs::of(&claimed, &known, how);
    let found: Vec<_> = pairs.claimed.iter().flatten().collect();
    let score = (found.iter().map(|pair| pair.score).sum::<f64>() + 0.0) / claimed.len() as f64;
    let share = found.len() as f64 / claimed.len() as f64;
    let taken = pairs.taken.iter().filter(|taken| **taken).count();
    if numbers_differ(&claimed, &known) {
        return Compared::mismatch(score.min(0.5), Rule::NumbersDiffer);
    }
    if found.len() < claimed.len() {
        return if claimed.len() > 1 && share + 1e-9 >= policy.name_share {
            Compared::partial(score, Rule::EnoughWords)
        } else {
            Compared::mismatch(score, Rule::WordsDiffer)
        };
    }
    match found.iter().map(|pair| pair.tie).max() {
        Some(Tie::Close) => return Compared::partial(score, Rule::CloseSpelling),
        Some(Tie::Lost) => return Compared::partial(score, Rule::LettersLost),
        _ => {}
    }
    let is_number = |word: &Word| word.text.starts_with(|c: char| c.is_ascii_digit());
    let mut left = known.iter().zip(&pairs.taken).filter(|(_, taken)| !**taken);
    let share = taken as f64 / known.len() as f64;
    if share < ENOUGH || left.any(|(word, _)| is_number(word)) {
        return Compared::partial(share, Rule::PartOfAddress);
    }
    // "Kano Street, Kaduna" is not "Kaduna Street, Kano".
    let mut rest = known.iter();
    let is_same = found.iter().all(|pair| pair.tie == Tie::Same);
    if is_same
        && !claimed
            .iter()
            .all(|word| rest.any(|other| other.text == word.text))
    {
        return Compared::partial(0.9, Rule::OrderDiffers);
    }
    Compared::matched(Rule::AllWords)
}

fn words(text: &str) -> Vec<Word> {
    let mut texts: Vec<String> = fold::words(text).into_iter().flat_map(separated).collect();
    let counts = |text: &String| !EMPTY.contains(&text.as_str());
    if texts.iter().any(counts) {
        texts.retain(counts);
    }
    let long = |text: String| {
        let found = SHORT.iter().find(|(short, _)| *short == text);
        found.map_or(text, |(_, long)| (*long).to_owned())
    };
    let word = |text| Word {
        text,
        place: Place::First,
        beside: false,
    };
    texts.into_iter().map(long).map(word).collect()
}

/// Separates a word from a number that follows it: `no12` becomes `no 12`, `plot5` becomes `plot 5`.
fn separated(text: String) -> Vec<String> {
    match text.find(|c: char| c.is_ascii_digit()) {
        Some(at) if at >= 2 => vec![text[..at].to_owned(), text[at..].to_owned()],
        _ => vec![text],
    }
}

/// Whether each side has a number that the other lacks. `12A` counts as 12.
fn numbers_differ(claimed: &[Word], known: &[Word]) -> bool {
    let numbers = |words: &[Word]| -> Vec<String> {
        let digits = |word: &Word| -> String {
            word.text.chars().take_while(char::is_ascii_digit).collect()
        };
        let all = words.iter().map(digits);
        all.map(|digits| digits.trim_start_matches('0').to_owned())
            .filter(|digits| !digits.is_empty())
            .collect()
    };
    let (claimed, known) = (numbers(claimed), numbers(known));
    let lacks = |one: &[String], other: &[String]| one.iter().any(|number| !other.contains(number));
    lacks(&claimed, &known) && lacks(&known, &claimed)
}
