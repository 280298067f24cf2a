//! Compares the names of persons: all claimed names with all names of the record at once, because registers put the same
//! names into different fields.
//!
//! A name in its own field is preferred. Each name of the record confirms only one claimed name.

use super::{
    MatchPolicy, Rule,
    compared::Compared,
    extras,
    pairs::{How, Pair, Pairs, Place, Tie, Word},
    spelling,
};
use crate::{Claim, Claims, Person};

const FIELDS: [(Claim, Place); 3] = [
    (Claim::FirstName, Place::First),
    (Claim::MiddleName, Place::Middle),
    (Claim::LastName, Place::Last),
];

/// All claimed names and all names of the record, paired.
pub(super) struct Names {
    claimed: Vec<Word>,
    known: Vec<Word>,
    pairs: Pairs,
    share: f64,
    /// The matches of each claimed field, in the order of [`FIELDS`].
    found: Vec<Found>,
}

impl Names {
    /// Pairs the names. Each text is folded once.
    pub(super) fn of(claims: &Claims, person: &Person, policy: &MatchPolicy) -> Self {
        let claimed: Vec<Word> = FIELDS
            .iter()
            .filter_map(|(claim, place)| Some((claims.get(*claim)?, *place)))
            .flat_map(|(text, place)| extras::name_words(text, place))
            .collect();
        // Without a claim the names of the record are not needed.
        let is_claimed = !claimed.is_empty();
        let known: Vec<Word> = [
            (&person.first_name, Place::First),
            (&person.middle_name, Place::Middle),
            (&person.last_name, Place::Last),
            (&person.maiden_name, Place::Maiden),
        ]
        .into_iter()
        .filter(|_| is_claimed)
        .filter_map(|(text, place)| Some((text.as_deref()?, place)))
        .flat_map(|(text, place)| extras::known_words(text, place))
        .collect();
        let how = How {
            close: policy.close_spelling,
            persons: true,
        };
        let pairs = Pairs::of(&claimed, &known, how);
        let mut names = Self {
            claimed,
            known,
            pairs,
            share: policy.name_share,
            found: Vec::new(),
        };
        let found = FIELDS.iter().map(|(_, place)| Found::of(&names, *place));
        names.found = found.collect();
        names
    }

    fn found(&self, place: Place) -> Option<&Found> {
        let fields = FIELDS.iter().zip(&self.found);
        let mut of_place = fields.filter(|((_, field), _)| *field == place);
        of_place.next().map(|(_, found)| found)
    }

    /// Compares one claimed name.
    pub(super) fn compare(&self, claim: Claim) -> Compared {
        let mut fields = FIELDS.iter().zip(&self.found);
        let Some(((_, place), found)) = fields.find(|((field, _), _)| *field == claim) else {
            return Compared::blank();
        };
        if found.words == 0 {
            return Compared::unknown(Rule::NothingClaimed);
        }
        if self.known.is_empty() {
            return Compared::blank();
        }
        if found.missing == 0 && found.particles == 0 {
            return self.all_found(*place, found);
        }
        if found.missing == 0 && !found.pairs.is_empty() {
            return Compared::partial(found.score, Rule::ParticleLeftOut);
        }
        self.some_found(*place, found)
    }

    fn all_found(&self, place: Place, found: &Found) -> Compared {
        let worst = found.pairs.iter().map(|pair| pair.tie).max();
        let rule = match worst {
            Some(Tie::Variant) => Rule::KnownVariant,
            Some(Tie::ShortForm) => Rule::ShortForm,
            Some(Tie::Close) => Rule::CloseSpelling,
            Some(Tie::Lost) => Rule::LettersLost,
            Some(Tie::Initial) => Rule::Initial,
            Some(Tie::Title) => Rule::TitleOnly,
            _ if self.suffix_differs(place) => Rule::SuffixDiffers,
            _ if self.has_another_name(place, found) => Rule::AllWordsInOtherNames,
            // A father may have his son's names in swapped fields.
            _ if place != Place::Middle && self.swapped() => Rule::AllWordsInOtherNames,
            _ => return Compared::matched(exact_rule(place, &found.pairs, worst)),
        };
        Compared::partial(found.score, rule)
    }

    /// Whether every word is in other fields of the record, while the record has a name in this field that nobody claimed. That
    /// is a given name claimed as a family name, or a father claimed for his son. A family name from before a marriage does not
    /// count.
    fn has_another_name(&self, place: Place, found: &Found) -> bool {
        let former = |pair: &Pair| place == Place::Last && pair.place == Place::Maiden;
        let elsewhere = |pair: &Pair| pair.place != place && !former(pair);
        let mut own = self.known_at(|word| word.place == place && !word.beside);
        found.pairs.iter().all(elsewhere) && own.any(|(taken, _)| !taken)
    }

    fn some_found(&self, place: Place, found: &Found) -> Compared {
        let (pairs, words) = (found.pairs.len(), found.words - found.particles);
        let share = pairs as f64 / words as f64;
        if words > 1 && share + 1e-9 >= self.share && !self.rival_left(place) {
            return Compared::partial(found.score, Rule::EnoughWords);
        }
        let own = || self.known_at(|word| word.place == place);
        if own().next().is_none() {
            return Compared::blank();
        }
        let may_be_more = words < 2 || place != Place::Last || !self.rival_left(place);
        if may_be_more && self.holds_all_of(place, pairs, words) {
            return Compared::partial(found.score, Rule::MoreClaimedThanRecorded);
        }
        let present = |word: &Word| word.place != Place::Maiden && !word.beside;
        if pairs == 0 && self.known_at(present).all(|(taken, _)| taken) {
            return Compared::unknown(Rule::NotInRecord);
        }
        Compared::mismatch(found.score, Rule::WordsDiffer)
    }

    /// Returns the words of the record that `which` selects, each with whether a claimed word is paired with it.
    fn known_at<'a>(
        &'a self,
        which: impl Fn(&Word) -> bool + 'a,
    ) -> impl Iterator<Item = (bool, &'a Word)> {
        let all = self.pairs.taken.iter().copied().zip(&self.known);
        all.filter(move |(_, word)| which(word))
    }

    /// Whether the record has a word that nobody claimed in the place of the missing ones, as with twins.
    fn rival_left(&self, place: Place) -> bool {
        let given = |place: Place| place <= Place::Middle;
        let claims_given = self.claimed.iter().any(|word| given(word.place));
        let rival = move |word: &Word| {
            let here = word.place == place || (given(place) && given(word.place));
            // A whole name claimed in one field includes the given names.
            let anywhere = word.place != Place::Maiden && !given(place) && !claims_given;
            (here || anywhere) && !word.beside
        };
        self.known_at(rival).any(|(taken, _)| !taken)
    }

    /// Whether the claimed field has every word of the record's field, and at most as many others.
    fn holds_all_of(&self, place: Place, pairs: usize, words: usize) -> bool {
        let beside = |text: &str| {
            let mut here = self.claimed.iter().filter(|word| word.place == place);
            here.any(|word| word.beside && word.text == text)
        };
        let own = || self.known_at(move |word| word.place == place && !word.beside);
        // A title in the claim can be the only name in the record.
        let titles = own()
            .filter(|(taken, word)| !taken && beside(&word.text))
            .count();
        // If the record has another given name that nobody claimed, the other words differ from it.
        let given = |place: Place| place <= Place::Middle;
        let rivals = move |word: &Word| {
            let here = word.place == place || (given(place) && given(word.place));
            here && !word.beside
        };
        let mut rivals = self.known_at(rivals);
        let none_left = rivals.all(|(taken, word)| taken || beside(&word.text));
        let found = pairs + titles;
        none_left && found > 0 && found * 2 >= words + titles
    }

    /// Whether the record has another suffix than the claimed one, as with a father and his son.
    fn suffix_differs(&self, place: Place) -> bool {
        let suffixes = |words: &[Word], place: Option<Place>| -> Vec<&'static str> {
            let here = |word: &&Word| word.beside && place.is_none_or(|place| word.place == place);
            let words = words.iter().filter(here);
            words
                .filter_map(|word| extras::suffix(&word.text))
                .collect()
        };
        let claimed = suffixes(&self.claimed, Some(place));
        let known = suffixes(&self.known, None);
        !claimed.is_empty() && !known.is_empty() && !claimed.iter().any(|one| known.contains(one))
    }

    /// Whether first and last name are swapped in the record.
    pub(super) fn swapped(&self) -> bool {
        self.is_in(Place::First, Place::Last) && self.is_in(Place::Last, Place::First)
    }

    /// Whether all three names are in the record, each in the field of the next one.
    pub(super) fn rotated(&self) -> bool {
        let [one, two, three] = [Place::First, Place::Middle, Place::Last];
        let each = |to: [Place; 3]| {
            [one, two, three]
                .into_iter()
                .zip(to)
                .all(|(from, to)| self.is_in(from, to))
        };
        each([two, three, one]) || each([three, one, two])
    }

    /// Whether all words of the claimed name are in the given field of the record.
    fn is_in(&self, claimed: Place, known: Place) -> bool {
        let Some(found) = self.found(claimed) else {
            return false;
        };
        let mut pairs = found.pairs.iter();
        let there = pairs.all(|pair| pair.place == known && pair.tie != Tie::Initial);
        there && !found.pairs.is_empty() && found.missing == 0
    }

    /// Whether a claimed name is the record's name from before a marriage.
    pub(super) fn maiden(&self) -> bool {
        self.found.iter().any(|found| {
            found.missing == 0 && found.pairs.iter().any(|pair| pair.place == Place::Maiden)
        })
    }
}

/// Returns the rule for a name of which every word was found exactly.
fn exact_rule(place: Place, pairs: &[Pair], worst: Option<Tie>) -> Rule {
    if pairs.iter().any(|pair| pair.place == Place::Maiden) {
        Rule::MaidenName
    } else if worst == Some(Tie::Joined) {
        Rule::JoinedWords
    } else if pairs.iter().any(|pair| pair.place != place) {
        Rule::AllWordsInOtherNames
    } else {
        Rule::AllWords
    }
}

/// The matches of the words of one claimed field.
struct Found {
    /// All words except titles and suffixes.
    words: usize,
    /// The pairs of the words that have one.
    pairs: Vec<Pair>,
    /// Articles without a pair. They do not count.
    particles: usize,
    /// Other words without a pair.
    missing: usize,
    /// From 0 to 1.
    score: f64,
}

impl Found {
    fn of(names: &Names, place: Place) -> Self {
        let mut found = Self {
            words: 0,
            pairs: Vec::new(),
            particles: 0,
            missing: 0,
            score: 0.0,
        };
        for (word, pair) in names.claimed.iter().zip(&names.pairs.claimed) {
            if word.place != place || word.beside {
                continue;
            }
            found.words += 1;
            match pair {
                Some(pair) => {
                    found.score += pair.score;
                    found.pairs.push(*pair);
                }
                None if extras::is_particle(&word.text) => found.particles += 1,
                None => {
                    found.missing += 1;
                    found.score += nearest(word, names);
                }
            }
        }
        let weighed = found.words - found.particles;
        if weighed == 0 {
            // A name of articles alone is compared like any other.
            found.missing = std::mem::take(&mut found.particles);
        }
        found.score /= weighed.max(1) as f64;
        found
    }
}

/// Returns the highest similarity of the word with an unpaired word of the record.
fn nearest(word: &Word, names: &Names) -> f64 {
    let free = names
        .known_at(|known| !known.beside)
        .filter(|(taken, _)| !taken);
    free.map(|(_, known)| spelling::likeness(&word.text, &known.text))
        .fold(0.0, f64::max)
}
