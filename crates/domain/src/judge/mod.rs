//! Holds what was claimed against the record and says what follows. Pure.
//!
//! A blank in the record is `unknown`, never a mismatch. Dates, numbers and gender agree exactly or not at
//! all; names and free text are compared as sets of words.

mod names;
mod words;

use crate::{
    Check, Claim, Claims, Company, Match, Number, Outcome, Person, Reason, ReasonCode, Record,
    RecordDate, Verdict, claims::gender,
};

/// What follows from a record: the verdict, each check, and the reasons.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// What it says.
    pub verdict: Verdict,
    /// Every claim held against the record.
    pub checks: Vec<Check>,
    /// Why.
    pub reasons: Vec<Reason>,
}

impl Judgement {
    /// Turns into an outcome, with what else is known of the answer.
    pub fn outcome(self, facts: crate::Facts) -> Outcome {
        Outcome {
            verdict: self.verdict,
            checks: self.checks,
            reasons: self.reasons,
            record: None,
            source: None,
            message: None,
            images: Vec::new(),
            facts,
            reused: None,
            purpose: None,
            consent: None,
        }
    }

    /// A judgement that needs no record.
    pub fn without_record(verdict: Verdict, code: ReasonCode) -> Self {
        Self {
            verdict,
            checks: Vec::new(),
            reasons: vec![code.into()],
        }
    }
}

/// How one field compares: result, score from 0 to 1, and the rule that decided.
pub(crate) struct Compared {
    result: Match,
    score: f64,
    rule: &'static str,
}

impl Compared {
    const UNKNOWN: Self = Self {
        result: Match::Unknown,
        score: 0.0,
        rule: "blank_in_record",
    };

    fn exact(same: bool) -> Self {
        let (result, score) = if same {
            (Match::Match, 1.0)
        } else {
            (Match::Mismatch, 0.0)
        };
        Self {
            result,
            score,
            rule: "exact",
        }
    }
}

/// Holds the claims against the record.
pub fn judge(claims: &Claims, record: &Record) -> Judgement {
    let mut checks = Vec::new();
    let mut reasons = Vec::new();
    for (claim, claimed) in claims.iter() {
        let compared = match record {
            Record::Person(person) => against_person(claim, claimed, claims, person),
            Record::Company(company) => against_company(claim, claimed, company),
        };
        reasons.extend(reason(claim.name(), compared.result));
        checks.push(Check {
            field: claim.name().to_owned(),
            result: compared.result,
            score: compared.score,
            rule: compared.rule.to_owned(),
        });
    }
    if let Record::Person(person) = record {
        if names::swapped(claims, person) {
            reasons.push(ReasonCode::NamesSwapped.into());
        }
        if person.watch_listed == Some(true) {
            reasons.push(ReasonCode::WatchListed.into());
        }
    }
    Judgement {
        verdict: verdict(&checks),
        checks,
        reasons,
    }
}

fn verdict(checks: &[Check]) -> Verdict {
    if checks.is_empty() {
        Verdict::Found
    } else if checks.iter().any(|check| check.result == Match::Mismatch) {
        Verdict::NoMatch
    } else if checks.iter().all(|check| check.result == Match::Match) {
        Verdict::Match
    } else {
        Verdict::PartialMatch
    }
}

fn reason(field: &'static str, result: Match) -> Option<Reason> {
    let code = match result {
        Match::Match => return None,
        Match::Partial => ReasonCode::Partial(field),
        Match::Mismatch => ReasonCode::Mismatch(field),
        Match::Unknown => ReasonCode::Unknown(field),
    };
    Some(code.into())
}

fn against_person(claim: Claim, claimed: &str, claims: &Claims, person: &Person) -> Compared {
    match claim {
        Claim::FirstName | Claim::MiddleName | Claim::LastName => {
            names::compare(claim, claimed, claims, person)
        }
        Claim::DateOfBirth => date(claimed, person.date_of_birth.as_ref()),
        Claim::ExpiryDate => date(claimed, person.expiry_date.as_ref()),
        Claim::Phone => phone(claimed, &person.phones),
        Claim::Gender => text(person.gender.as_deref(), |known| {
            Compared::exact(gender(known) == Some(claimed))
        }),
        Claim::Nin => text(person.nin.as_deref(), |known| {
            let digits = Number::nin(known);
            Compared::exact(digits.map_or(known == claimed, |nin| nin.expose() == claimed))
        }),
        Claim::Email => text(person.email.as_deref(), |known| {
            Compared::exact(known.eq_ignore_ascii_case(claimed))
        }),
        Claim::CompanyName | Claim::Address => Compared::UNKNOWN,
    }
}

fn against_company(claim: Claim, claimed: &str, company: &Company) -> Compared {
    match claim {
        Claim::CompanyName => text(company.name.as_deref(), |known| {
            words::compare(&words::company(claimed), &words::company(known))
        }),
        Claim::Address => text(company.address.as_deref(), |known| {
            words::compare(&words::of(claimed), &words::of(known))
        }),
        Claim::Email => text(company.email.as_deref(), |known| {
            Compared::exact(known.eq_ignore_ascii_case(claimed))
        }),
        _ => Compared::UNKNOWN,
    }
}

fn text(known: Option<&str>, compare: impl FnOnce(&str) -> Compared) -> Compared {
    known.map_or(Compared::UNKNOWN, compare)
}

/// A date that the source wrote in a way nobody can read is as good as blank.
fn date(claimed: &str, known: Option<&RecordDate>) -> Compared {
    match known.and_then(|known| known.date) {
        Some(known) => Compared::exact(known.to_string() == claimed),
        None => Compared::UNKNOWN,
    }
}

/// Any of the record's numbers may be the claimed one.
fn phone(claimed: &str, known: &[String]) -> Compared {
    if known.is_empty() {
        return Compared::UNKNOWN;
    }
    let same = |known: &String| {
        Number::phone(known).map_or(known == claimed, |number| number.expose() == claimed)
    };
    Compared::exact(known.iter().any(same))
}

#[cfg(test)]
mod tests;
