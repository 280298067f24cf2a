//! Compares all claims of a request with a record.

use super::{
    addresses, companies, compared::Compared, extras::is_nothing, names, policy::MatchPolicy,
    rule::Rule, values,
};
use crate::{
    Check, Claim, Claims, Company, Match, Outcome, Person, Reason, ReasonCode, Record, Verdict,
};

/// The result of comparing claims with a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    /// The verdict.
    pub verdict: Verdict,
    /// The comparison of each claim with the record.
    pub checks: Vec<Check>,
    /// Why the verdict is what it is.
    pub reasons: Vec<Reason>,
}

impl Assessment {
    /// Turns the assessment into an outcome without record, data and images, which the caller adds.
    pub fn outcome(self, call_details: crate::CallDetails) -> Outcome {
        Outcome {
            verdict: self.verdict,
            checks: self.checks,
            reasons: self.reasons,
            record: None,
            provider_data: None,
            message: None,
            images: Vec::new(),
            call_details,
            reused: None,
            purpose: None,
            consent: None,
        }
    }

    /// Creates an assessment for an answer without a record.
    pub fn without_record(verdict: Verdict, code: ReasonCode) -> Self {
        Self {
            verdict,
            checks: Vec::new(),
            reasons: vec![code.into()],
        }
    }
}

/// Compares the claims with the record, and derives the verdict by the policy.
pub fn assess(claims: &Claims, record: &Record, policy: &MatchPolicy) -> Assessment {
    let (compared, codes, listed) = match record {
        Record::Person(person) => with_person(claims, person, policy),
        Record::Company(company) => (with_company(claims, company, policy), Vec::new(), false),
    };
    let about_claims = compared
        .iter()
        .flat_map(|(claim, compared)| reasons(*claim, compared));
    let is_unknown = |(_, compared): &(Claim, Compared)| compared.result == Match::Unknown;
    let nothing_confirmed = !compared.is_empty() && compared.iter().all(is_unknown);
    let codes = about_claims
        .chain(policy.reasons(claims))
        .chain(nothing_confirmed.then_some(ReasonCode::NothingConfirmed))
        .chain(codes);
    let reasons = codes.map(Reason::from).collect();
    let checks: Vec<Check> = compared.into_iter().map(check).collect();
    Assessment {
        verdict: policy.verdict(&checks, claims, listed),
        checks,
        reasons,
    }
}

type AllCompared = Vec<(Claim, Compared)>;

/// Returns the comparisons, further reasons about the person, and whether the person is watch-listed.
fn with_person(
    claims: &Claims,
    person: &Person,
    policy: &MatchPolicy,
) -> (AllCompared, Vec<ReasonCode>, bool) {
    let names = names::Names::of(claims, person, policy);
    let compare = |(claim, claimed): (Claim, &str)| {
        let compared = match claim {
            Claim::FirstName | Claim::MiddleName | Claim::LastName => names.compare(claim),
            Claim::DateOfBirth => values::date(claimed, person.date_of_birth.as_ref()),
            Claim::ExpiryDate => values::date(claimed, person.expiry_date.as_ref()),
            Claim::Phone => values::phone(claimed, &person.phones),
            Claim::Gender => values::gender(claimed, person.gender.as_deref()),
            Claim::Nin => values::nin(claimed, person.nin.as_deref()),
            Claim::Email => values::email(claimed, person.email.as_deref()),
            Claim::CompanyName | Claim::Address => Compared::blank(),
        };
        (claim, compared)
    };
    let compared = claims.iter().map(compare).collect();
    let listed = person.watch_listed == Some(true);
    let said = [
        (names.swapped(), ReasonCode::NamesSwapped),
        (names.rotated(), ReasonCode::NamesRotated),
        (names.maiden(), ReasonCode::MaidenName),
        (listed, ReasonCode::WatchListed),
    ];
    let codes = said
        .into_iter()
        .filter_map(|(holds, code)| holds.then_some(code));
    (compared, codes.collect(), listed)
}

fn with_company(claims: &Claims, company: &Company, policy: &MatchPolicy) -> AllCompared {
    let text =
        |known: Option<&str>, claimed: &str, compare: fn(&str, &str, &MatchPolicy) -> Compared| {
            let known = known.filter(|text| !is_nothing(text));
            known.map_or_else(Compared::blank, |known| compare(claimed, known, policy))
        };
    let compare = |(claim, claimed): (Claim, &str)| {
        let compared = match claim {
            Claim::CompanyName => text(company.name.as_deref(), claimed, companies::compare),
            Claim::Address => text(company.address.as_deref(), claimed, addresses::compare),
            Claim::Email => values::email(claimed, company.email.as_deref()),
            _ => Compared::blank(),
        };
        (claim, compared)
    };
    claims.iter().map(compare).collect()
}

fn check((claim, compared): (Claim, Compared)) -> Check {
    Check {
        field: claim.name().to_owned(),
        result: compared.result,
        score: compared.score,
        rule: compared.rule.code().to_owned(),
    }
}

/// Returns the reasons for which a claim is not a plain match.
fn reasons(claim: Claim, compared: &Compared) -> impl Iterator<Item = ReasonCode> + use<> {
    let code = match (compared.result, compared.rule) {
        (Match::Match, _) => None,
        (Match::Partial, Rule::DayAndMonthAmbiguous) => Some(ReasonCode::Ambiguous(claim)),
        (Match::Partial, _) => Some(ReasonCode::Partial(claim)),
        (Match::Mismatch, _) => Some(ReasonCode::Mismatch(claim)),
        (Match::Unknown, Rule::NothingClaimed) => Some(ReasonCode::NotClaimed(claim)),
        (Match::Unknown, _) => Some(ReasonCode::Unknown(claim)),
    };
    let more = match compared.rule {
        Rule::DayAndMonthSwapped => Some(ReasonCode::DayAndMonthSwapped(claim)),
        Rule::CloseToMidnight => Some(ReasonCode::CloseToMidnight(claim)),
        _ => None,
    };
    code.into_iter().chain(more)
}
