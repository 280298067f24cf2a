//! What `kyc explain` shows: the data of one explanation, with everything personal masked.

use jiff::Timestamp;
use kyc_domain::{Check, Claim, Claims, Consent, Match, Reason, Record, Request, Reused};
use kyc_kinds::Kind;
use kyc_queue::{Attempt, State, Verification, Waiting};
use serde::Serialize;

use super::words;

/// Everything about a verification that may be shown to people.
#[derive(Debug, Serialize)]
pub(crate) struct Explanation<'a> {
    pub(crate) id: String,
    pub(crate) asked: Asked<'a>,
    pub(crate) state: State,
    /// Its state or its result, in a sentence.
    pub(crate) sentence: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) waiting: Option<&'a Waiting>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) verdict: Option<&'a str>,
    pub(crate) compared: Vec<Compared<'a>>,
    pub(crate) reasons: &'a [Reason],
    pub(crate) attempts: Vec<Tried<'a>>,
    pub(crate) cost: Cost,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reused: Option<&'a Reused>,
    /// When the provider was called last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) provider_asked_at: Option<Timestamp>,
    pub(crate) sandbox: bool,
    pub(crate) images: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) finished_at: Option<Timestamp>,
}

/// The request.
#[derive(Debug, Serialize)]
pub(crate) struct Asked<'a> {
    pub(crate) kind: &'a str,
    pub(crate) title: &'a str,
    pub(crate) number: &'a str,
    pub(crate) tenant: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) reference: &'a str,
    pub(crate) priority: &'a str,
    pub(crate) accepted_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) deadline: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) purpose: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) consent: Option<&'a Consent>,
    /// Whether the provider is called even if an answer could be reused.
    pub(crate) fresh: bool,
    /// The fields that the kind requires beside the number, masked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) details: Vec<Shown>,
    /// The claims, masked.
    pub(crate) claimed: Vec<Shown>,
}

/// A field and its masked value.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    pub(crate) field: &'static str,
    pub(crate) value: String,
}

/// One claim compared with the record.
#[derive(Debug, Serialize)]
pub(crate) struct Compared<'a> {
    pub(crate) field: &'a str,
    /// The claim, masked; empty if the request can no longer be read.
    pub(crate) claimed: String,
    /// The values of the record in that field, masked.
    pub(crate) record: Vec<String>,
    pub(crate) result: Match,
    pub(crate) score: f64,
    pub(crate) rule: &'a str,
    /// The rule in a sentence.
    pub(crate) why: &'static str,
}

/// One attempt.
#[derive(Debug, Serialize)]
pub(crate) struct Tried<'a> {
    #[serde(flatten)]
    pub(crate) attempt: &'a Attempt,
    /// What happened, in a sentence.
    pub(crate) what: &'static str,
}

/// The cost of a verification.
#[derive(Debug, Serialize)]
pub(crate) struct Cost {
    pub(crate) attempts: u32,
    pub(crate) calls: u32,
    pub(crate) unanswered_calls: u32,
    pub(crate) stalls: u32,
    /// The cost in sentences.
    pub(crate) sentence: String,
}

impl<'a> Explanation<'a> {
    pub(super) fn of(known: &'a Verification, request: Option<&'a Request>) -> Self {
        let outcome = known.outcome.as_ref();
        let reasons: &[Reason] = outcome.map_or(&[], |outcome| &outcome.reasons);
        let images = outcome.iter().flat_map(|outcome| &outcome.images);
        Self {
            id: known.id.to_string(),
            asked: Asked::of(known, request),
            state: known.state,
            sentence: words::state(known),
            waiting: known.waiting.as_ref(),
            verdict: known.verdict.as_deref(),
            compared: outcome.map_or_else(Vec::new, |outcome| {
                // Fields that were sent to the provider are compared as well, unless `match_required` is `ignore`.
                let claims = request.map(|request| request.claims.with_required(&request.subject));
                compared(&outcome.checks, claims.as_ref(), outcome.record.as_ref())
            }),
            reasons,
            attempts: known.history.iter().map(Tried::of).collect(),
            cost: Cost {
                attempts: known.attempts,
                calls: known.calls,
                unanswered_calls: known.unanswered_calls,
                stalls: known.stalls,
                sentence: words::cost(known),
            },
            reused: outcome.and_then(|outcome| outcome.reused.as_ref()),
            provider_asked_at: outcome.map(|outcome| outcome.call_details.requested_at),
            sandbox: outcome.is_some_and(|outcome| outcome.call_details.sandbox),
            images: images.map(|image| image.name.as_str()).collect(),
            finished_at: known.finished_at,
        }
    }
}

impl<'a> Asked<'a> {
    fn of(known: &'a Verification, request: Option<&'a Request>) -> Self {
        let terms = request.map(|request| &request.terms);
        let title = kyc_kinds::find(&known.kind).map(|kind: &Kind| kind.title);
        let claims = request.iter().flat_map(|request| request.claims.iter());
        Self {
            kind: &known.kind,
            title: title.unwrap_or(&known.kind),
            number: &known.number,
            tenant: &known.tenant,
            reference: &known.reference,
            priority: &known.priority,
            accepted_at: known.enqueued_at,
            deadline: known.deadline,
            purpose: terms.and_then(|terms| terms.purpose.as_deref()),
            consent: terms.and_then(|terms| terms.consent.as_ref()),
            fresh: terms.is_some_and(|terms| terms.fresh),
            details: request.map_or_else(Vec::new, Shown::details),
            claimed: claims.map(Shown::of).collect(),
        }
    }
}

impl Shown {
    /// Returns the details of a request. Every detail that a kind requires can also be claimed, and is masked like that claim.
    fn details(request: &Request) -> Vec<Self> {
        let claims = Claim::ALL.into_iter();
        let details = claims.filter_map(|claim| {
            let value = request.subject.details.get(claim.name())?;
            Some(Self::of((claim, value.expose())))
        });
        details.collect()
    }

    pub(crate) fn of((claim, value): (Claim, &str)) -> Self {
        Self {
            field: claim.name(),
            value: claim.masked(value),
        }
    }
}

impl<'a> Tried<'a> {
    fn of(attempt: &'a Attempt) -> Self {
        Self {
            attempt,
            what: words::class(&attempt.class),
        }
    }
}

/// Returns each check with the values that were compared, masked. Values are empty if the claims or the record are not given.
pub(crate) fn compared<'a>(
    checks: &'a [Check],
    claims: Option<&Claims>,
    record: Option<&Record>,
) -> Vec<Compared<'a>> {
    let of = |check: &'a Check| {
        let mut claims = claims.into_iter().flat_map(Claims::iter);
        let claim = claims.find(|(claim, _)| claim.name() == check.field);
        let says = claim.zip(record).map(|((claim, _), record)| {
            let said = record.says(claim).into_iter();
            said.map(|said| claim.masked(said)).collect()
        });
        Compared {
            field: &check.field,
            claimed: claim.map_or_else(String::new, |(claim, value)| claim.masked(value)),
            record: says.unwrap_or_default(),
            result: check.result,
            score: check.score,
            rule: &check.rule,
            why: words::rule(&check.rule),
        }
    };
    checks.iter().map(of).collect()
}
