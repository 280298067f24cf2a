//! Names of persons: all claimed names against all names of the record at once, since registers put the same
//! names into different fields. A name found in its own field is preferred; a name is found only once.

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

/// All claimed names and all of the record, paired.
pub(super) struct Names {
    claimed: Vec<Word>,
    known: Vec<Word>,
    pairs: Pairs,
    share: f64,
    /// What became of each claimed field, in the order of [`FIELDS`].
    found: Vec<Found>,
}

impl Names {
    /// Pairs them; each text is folded once.
    pub(super) fn of(claims: &Claims, person: &Person, policy: &MatchPolicy) -> Self {
        let claimed: Vec<Word> = FIELDS
            .iter()
            .filter_map(|(claim, place)| Some((claims.get(*claim)?, *place)))
            .flat_map(|(text, place)| extras::name_words(text, place))
            .collect();
        // Without a claim there is nothing to be found in them.
        let is_asked = !claimed.is_empty();
        let known: Vec<Word> = [
            (&person.first_name, Place::First),
            (&person.middle_name, Place::Middle),
            (&person.last_name, Place::Last),
            (&person.maiden_name, Place::Maiden),
        ]
        .into_iter()
        .filter(|_| is_asked)
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

    /// How one claimed name compares.
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
            _ if self.another_stands_there(place, found) => Rule::AllWordsInOtherNames,
            // A father may have his son's names the other way round.
            _ if place != Place::Middle && self.swapped() => Rule::AllWordsInOtherNames,
            _ => return Compared::matched(exact_rule(place, &found.pairs, worst)),
        };
        Compared::partial(found.score, rule)
    }

    /// Every word stands in other fields, while the record has a name in this one that nobody claimed: a given name claimed
    /// for a family name, or a father for his son. A family name from before a marriage is no such case.
    fn another_stands_there(&self, place: Place, found: &Found) -> bool {
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

    /// The words of the record that `which` chooses, and whether a claimed one answers to each.
    fn known_at<'a>(
        &'a self,
        which: impl Fn(&Word) -> bool + 'a,
    ) -> impl Iterator<Item = (bool, &'a Word)> {
        let all = self.pairs.taken.iter().copied().zip(&self.known);
        all.filter(move |(_, word)| which(word))
    }

    /// A word of the record that nobody claimed stands where the missing ones should: they have another in their place, as
    /// twins have.
    fn rival_left(&self, place: Place) -> bool {
        let given = |place: Place| place <= Place::Middle;
        let claims_given = self.claimed.iter().any(|word| given(word.place));
        let rival = move |word: &Word| {
            let here = word.place == place || (given(place) && given(word.place));
            // Who claims a whole name in one field claims the given ones too.
            let anywhere = word.place != Place::Maiden && !given(place) && !claims_given;
            (here || anywhere) && !word.beside
        };
        self.known_at(rival).any(|(taken, _)| !taken)
    }

    /// Every word of the record's field was found in the claimed one, which has at most as many words besides.
    fn holds_all_of(&self, place: Place, pairs: usize, words: usize) -> bool {
        let beside = |text: &str| {
            let mut here = self.claimed.iter().filter(|word| word.place == place);
            here.any(|word| word.beside && word.text == text)
        };
        let own = || self.known_at(move |word| word.place == place && !word.beside);
        // A title of the claim can be all that the record has for a name.
        let titles = own()
            .filter(|(taken, word)| !taken && beside(&word.text))
            .count();
        // Another given name that nobody claimed is what the words besides should have been.
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

    /// A claimed suffix where the record has another one: father and son.
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

    /// First and last name stand the other way round in the record.
    pub(super) fn swapped(&self) -> bool {
        self.stands_at(Place::First, Place::Last) && self.stands_at(Place::Last, Place::First)
    }

    /// All three names stand in the record, each in the field of the next one.
    pub(super) fn rotated(&self) -> bool {
        let [one, two, three] = [Place::First, Place::Middle, Place::Last];
        let each = |to: [Place; 3]| {
            [one, two, three]
                .into_iter()
                .zip(to)
                .all(|(from, to)| self.stands_at(from, to))
        };
        each([two, three, one]) || each([three, one, two])
    }

    /// All of a claimed name stands in that field of the record.
    fn stands_at(&self, claimed: Place, known: Place) -> bool {
        let Some(found) = self.found(claimed) else {
            return false;
        };
        let mut pairs = found.pairs.iter();
        let there = pairs.all(|pair| pair.place == known && pair.tie != Tie::Initial);
        there && !found.pairs.is_empty() && found.missing == 0
    }

    /// A claimed name is the one from before a marriage.
    pub(super) fn maiden(&self) -> bool {
        self.found.iter().any(|found| {
            found.missing == 0 && found.pairs.iter().any(|pair| pair.place == Place::Maiden)
        })
    }
}

/// The rule behind a name of which every word was found.
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

/// What became of the words of one claimed field.
struct Found {
    /// Words that tell something.
    words: usize,
    /// The answers to those that have one.
    pairs: Vec<Pair>,
    /// Articles without an answer: they weigh nothing.
    particles: usize,
    /// Other words without an answer.
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
            // Articles alone are words like others.
            found.missing = std::mem::take(&mut found.particles);
        }
        found.score /= weighed.max(1) as f64;
        found
    }
}

/// How like the word the likest free one of the record is.
fn nearest(word: &Word, names: &Names) -> f64 {
    let free = names
        .known_at(|known| !known.beside)
        .filter(|(taken, _)| !taken);
    free.map(|(_, known)| spelling::likeness(&word.text, &known.text))
        .fold(0.0, f64::max)
}
