//! Names of persons: each claimed name against the record's own field first, then against all its names,
//! since registers put the same names into different fields.

use super::{Compared, words};
use crate::{Claim, Claims, Match, Person};

const TITLES: [&str; 14] = [
    "mr", "mrs", "miss", "ms", "dr", "prof", "chief", "alhaji", "alhaja", "hajia", "engr", "barr",
    "rev", "pastor",
];

/// Holds one claimed name against the record.
pub(super) fn compare(claim: Claim, claimed: &str, claims: &Claims, person: &Person) -> Compared {
    let claimed = name_words(claimed);
    let everywhere = all_names(person);
    if everywhere.is_empty() || claimed.is_empty() {
        return Compared::UNKNOWN;
    }
    let own = field(claim, person).map(name_words).unwrap_or_default();
    let in_own = words::compare(&claimed, &own);
    if in_own.result == Match::Match {
        return in_own;
    }
    let anywhere = words::compare(&claimed, &everywhere);
    if anywhere.result == Match::Match {
        return Compared {
            rule: "all_words_in_other_names",
            ..anywhere
        };
    }
    if own.is_empty() && !taken_by_others(claim, claims, person) {
        return Compared::UNKNOWN;
    }
    if !own.is_empty() && in_own.score >= anywhere.score {
        in_own
    } else {
        anywhere
    }
}

/// First and last name stand the other way round in the record.
pub(super) fn swapped(claims: &Claims, person: &Person) -> bool {
    let names = |text: Option<&str>| text.map(name_words).filter(|words| !words.is_empty());
    let first = names(claims.get(Claim::FirstName));
    let last = names(claims.get(Claim::LastName));
    first.is_some()
        && last.is_some()
        && first != last
        && first == names(person.last_name.as_deref())
        && last == names(person.first_name.as_deref())
}

/// A blank field says nothing, unless the record has more names than the other claims account for: then
/// the claimed one should have been among them.
fn taken_by_others(claim: Claim, claims: &Claims, person: &Person) -> bool {
    let others: Vec<String> = claims
        .iter()
        .filter(|(other, _)| *other != claim)
        .filter(|(other, _)| {
            matches!(
                other,
                Claim::FirstName | Claim::MiddleName | Claim::LastName
            )
        })
        .flat_map(|(_, text)| name_words(text))
        .collect();
    all_names(person).iter().any(|name| !others.contains(name)) && !others.is_empty()
}

fn field(claim: Claim, person: &Person) -> Option<&str> {
    match claim {
        Claim::FirstName => person.first_name.as_deref(),
        Claim::MiddleName => person.middle_name.as_deref(),
        _ => person.last_name.as_deref(),
    }
}

fn all_names(person: &Person) -> Vec<String> {
    [
        &person.first_name,
        &person.middle_name,
        &person.last_name,
        &person.maiden_name,
    ]
    .into_iter()
    .flatten()
    .flat_map(|name| name_words(name))
    .collect()
}

/// Words of a name without titles; a name that is nothing but a title keeps it.
fn name_words(name: &str) -> Vec<String> {
    words::without(words::of(name), &TITLES)
}
