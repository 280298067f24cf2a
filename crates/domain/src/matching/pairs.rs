//! Pairs claimed words with words of the record.
//!
//! Each word has at most one pair, so a record with one Ade cannot confirm two. The order of the words does not matter.

mod damaged;

use super::{
    lost::{self, LOST},
    spelling, variants,
};

/// A word, with the field that contains it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) place: Place,
    /// Whether it is a title or suffix next to other words of its field. It confirms nothing by itself.
    pub(super) beside: bool,
}

impl Word {
    /// Whether the word is a single letter that stands for a name.
    pub(super) fn is_initial(&self) -> bool {
        self.text.len() == 1 && self.text.as_bytes()[0].is_ascii_alphabetic()
    }
}

/// The field of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// The given name, or the only field of a company.
    First,
    /// Other given names.
    Middle,
    /// Family name.
    Last,
    /// Family name before marriage.
    Maiden,
}

/// How a claimed word agrees with a word of the record, from the most to the least certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tie {
    /// The same word.
    Same,
    /// The same, if two words are written as one.
    Joined,
    /// A known variant.
    Variant,
    /// A short form.
    ShortForm,
    /// A close spelling: one typo.
    Close,
    /// The same in all letters that are not lost.
    Lost,
    /// An initial that fits.
    Initial,
    /// A title of the record that was claimed as a name.
    Title,
}

/// The pair of a claimed word.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pair {
    pub(super) tie: Tie,
    pub(super) score: f64,
    pub(super) place: Place,
}

/// Which words may be paired.
#[derive(Clone, Copy, Debug)]
pub(super) struct How {
    /// The Jaro-Winkler similarity from which a typo counts.
    pub(super) close: f64,
    /// Whether variants, short forms and initials count. They do for persons.
    pub(super) persons: bool,
}

/// The pair of every claimed word, and which words of the record are paired.
#[derive(Debug, PartialEq)]
pub(super) struct Pairs {
    pub(super) claimed: Vec<Option<Pair>>,
    pub(super) taken: Vec<bool>,
}

impl Pairs {
    /// Pairs the words of all fields at once, the most certain ties first.
    pub(super) fn of(claimed: &[Word], known: &[Word], how: How) -> Self {
        let mut pairs = Self {
            claimed: vec![None; claimed.len()],
            taken: vec![false; known.len()],
        };
        for own in [true, false] {
            pairs.same(claimed, known, own, how);
        }
        if pairs.claimed.iter().any(Option::is_none) {
            pairs.joined(claimed, known, halves);
            pairs.loose(claimed, known, how);
            pairs.damaged(claimed, known, how);
        }
        pairs
    }

    /// Pairs words that are the same, at first only within their own field.
    fn same(&mut self, claimed: &[Word], known: &[Word], own: bool, how: How) {
        for (at, word) in claimed.iter().enumerate() {
            let is_skipped = word.beside || (how.persons && word.is_initial());
            if self.claimed[at].is_some() || is_skipped {
                continue;
            }
            let fits = |(there, other): &(usize, &Word)| {
                !self.taken[*there]
                    && other.text == word.text
                    && (!own || other.place == word.place)
            };
            // A name comes before a title, and a current name before a maiden name.
            let rank = |(_, other): &(usize, &Word)| (other.beside, other.place);
            if let Some((there, other)) = known.iter().enumerate().filter(fits).min_by_key(rank) {
                let (tie, score) = match other.beside {
                    true => (Tie::Title, 1.0),
                    false => known_to_be(Tie::Same, &word.text, &other.text),
                };
                self.tie(at, there, tie, score, other.place);
            }
        }
    }

    /// Pairs two words of one side with one word of the other. The order of the two words does not matter.
    fn joined(&mut self, claimed: &[Word], known: &[Word], halves: Halves) {
        for (there, whole) in known.iter().enumerate() {
            if self.taken[there] || whole.beside {
                continue;
            }
            if let Some((one, other)) = halves(whole, claimed, &|at| self.claimed[at].is_none()) {
                let both = format!("{}{}", claimed[one].text, claimed[other].text);
                let (tie, score) = known_to_be(Tie::Joined, &both, &whole.text);
                self.tie(one, there, tie, score, whole.place);
                self.tie(other, there, tie, score, whole.place);
            }
        }
        for (at, whole) in claimed.iter().enumerate() {
            if self.claimed[at].is_some() || whole.beside {
                continue;
            }
            if let Some((one, other)) = halves(whole, known, &|there| !self.taken[there]) {
                let both = format!("{}{}", known[one].text, known[other].text);
                let (tie, score) = known_to_be(Tie::Joined, &both, &whole.text);
                self.tie(at, one, tie, score, known[one].place);
                self.taken[other] = true;
            }
        }
    }

    /// Pairs words that differ but may mean the same name, the best pairs first, independently of the order of the words.
    fn loose(&mut self, claimed: &[Word], known: &[Word], how: How) {
        let mut found = Vec::new();
        let sounds = Sounds::of(known, &self.taken, how);
        for (at, word) in claimed.iter().enumerate() {
            if self.claimed[at].is_some() || word.beside {
                continue;
            }
            let sound = how.persons.then(|| variants::sound(&word.text));
            for (there, other) in known.iter().enumerate() {
                if self.taken[there] || other.beside {
                    continue;
                }
                let sounds = (sound.as_deref().unwrap_or_default(), sounds.at(there));
                let tie = tie(word, other, sounds, how);
                found.extend(tie.map(|(tie, score)| (tie, score, at, there)));
            }
        }
        found.sort_by(|one, other| {
            let rank = |(_, _, at, there): &(Tie, f64, usize, usize)| {
                let (word, known) = (&claimed[*at], &known[*there]);
                (
                    word.place != known.place,
                    known.place,
                    &word.text,
                    &known.text,
                )
            };
            let by_tie = one.0.cmp(&other.0).then(other.1.total_cmp(&one.1));
            by_tie.then_with(|| rank(one).cmp(&rank(other)))
        });
        for (tie, score, at, there) in found {
            if self.claimed[at].is_none() && !self.taken[there] {
                self.tie(at, there, tie, score, known[there].place);
            }
        }
    }

    fn tie(&mut self, at: usize, there: usize, tie: Tie, score: f64, place: Place) {
        self.claimed[at] = Some(Pair { tie, score, place });
        self.taken[there] = true;
    }
}

/// The sounds of the record's unpaired words, computed once.
struct Sounds(Vec<String>);

impl Sounds {
    fn of(known: &[Word], taken: &[bool], how: How) -> Self {
        let sound = |(word, taken): (&Word, &bool)| {
            if how.persons && !taken {
                variants::sound(&word.text)
            } else {
                String::new()
            }
        };
        Self(known.iter().zip(taken).map(sound).collect())
    }

    fn at(&self, there: usize) -> &str {
        self.0.get(there).map_or("", String::as_str)
    }
}

fn tie(word: &Word, other: &Word, sounds: (&str, &str), how: How) -> Option<(Tie, f64)> {
    let (one, two) = (word.text.as_str(), other.text.as_str());
    if how.persons && (word.is_initial() || other.is_initial()) {
        let fits = one.starts_with(two) || two.starts_with(one);
        let fits = fits || one.starts_with(LOST) || two.starts_with(LOST);
        return fits.then_some((Tie::Initial, 0.8));
    }
    if lost::in_word(one) || lost::in_word(two) {
        let sounds_fit = || how.persons && lost::fits(sounds.0, sounds.1);
        let fits = lost::fits(one, two) || sounds_fit();
        return fits.then(|| (Tie::Lost, lost::score(one, two)));
    }
    if how.persons && spelling::variant(one, two, sounds) {
        return Some((Tie::Variant, 0.97));
    }
    if how.persons && spelling::short_form(one, two) {
        return Some((Tie::ShortForm, 0.9));
    }
    spelling::close(one, two, how.close).map(|score| (Tie::Close, score))
}

/// Returns the tie of equal words, which is [`Tie::Lost`] if letters are lost.
fn known_to_be(tie: Tie, one: &str, other: &str) -> (Tie, f64) {
    if lost::in_word(one) || lost::in_word(other) {
        (Tie::Lost, lost::score(one, other))
    } else {
        (tie, 1.0)
    }
}

/// Finds two unpaired words that make up the whole word.
type Halves = fn(&Word, &[Word], &dyn Fn(usize) -> bool) -> Option<(usize, usize)>;

/// Finds two unpaired words that make up the whole word.
///
/// Both must be in one field, or be given names, because first name Ada and last name Obi are not Adaobi. A single letter counts
/// only within one field, and only before a rest that is long enough to be a name, as with a blank in the place of an
/// apostrophe: D Almeida.
fn halves(whole: &Word, words: &[Word], free: &dyn Fn(usize) -> bool) -> Option<(usize, usize)> {
    let usable = |at: usize, word: &Word| !word.beside && free(at);
    for (one, start) in words.iter().enumerate() {
        let Some(rest) = whole.text.strip_prefix(start.text.as_str()) else {
            continue;
        };
        let shortest = if start.is_initial() { 4 } else { 2 };
        if rest.len() < shortest || !usable(one, start) {
            continue;
        }
        let fits = |(at, word): &(usize, &Word)| {
            *at != one && word.text == rest && usable(*at, word) && together(start, word)
        };
        if let Some((other, _)) = words.iter().enumerate().find(fits) {
            return Some((one, other));
        }
    }
    None
}

/// Whether both words are in one field, or both are given names.
fn together(start: &Word, end: &Word) -> bool {
    let given = start.place <= Place::Middle && end.place <= Place::Middle;
    start.place == end.place || (given && !start.is_initial())
}
