//! What came out of a verification, as the API shows it: in part to all who may read it, in full to those who may see personal
//! data.

use kyc_domain::{Check, Image, Match, Outcome, Reason};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// What came out of a completed verification, without personal data.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Outcome)]
pub(crate) struct OutcomeView {
    /// The comparison of each claim with the record.
    checks: Vec<CheckView>,
    /// Why the verdict is what it is.
    reasons: Vec<ReasonView>,
    /// Whether a sandbox answered, so that the person is made up.
    sandbox: bool,
    /// The verification whose answer was reused, if no call was made for this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    reused: Option<String>,
}

/// One claim compared with the record.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Check)]
pub(crate) struct CheckView {
    /// The claimed field.
    field: String,
    /// `match`, `partial`, `mismatch` or `unknown`.
    result: &'static str,
    /// From 0 (nothing in common) to 1 (the same).
    score: f64,
    /// The rule that decided.
    rule: String,
}

/// A reason for a verdict.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Reason)]
pub(crate) struct ReasonView {
    /// The stable code.
    code: String,
    /// A sentence for people.
    sentence: String,
    /// Whether the subject may be told.
    tell_subject: bool,
    /// Whether another request can help, after the subject has corrected or completed their claims.
    ask_again: bool,
}

/// Personal data of a completed verification.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = PersonalData)]
pub(crate) struct Revealed {
    /// The record: one shape for all persons, and one for all companies.
    #[schema(value_type = Option<Object>)]
    record: Option<Value>,
    /// The provider's own JSON, without images.
    #[schema(value_type = Option<Object>)]
    provider_data: Option<Value>,
    /// The images, to be read from `/v1/verifications/{id}/images/{name}`.
    images: Vec<ImageView>,
}

impl std::fmt::Debug for Revealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Revealed(..)")
    }
}

/// An image of the record.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Image)]
pub(crate) struct ImageView {
    /// `photo` or `signature`.
    name: String,
    /// Its media type, such as `image/jpeg`.
    media_type: String,
    /// Pixels.
    width: u32,
    /// Pixels.
    height: u32,
    /// Size in bytes.
    bytes: usize,
    /// SHA-256, in hexadecimal.
    sha256: String,
}

impl OutcomeView {
    /// Reasons that the subject may not be told are shown only to those who may see personal data.
    pub(super) fn of(outcome: Outcome, reveals: bool) -> Self {
        let reasons = outcome.reasons.into_iter();
        let reasons = reasons.filter(|reason| reveals || reason.tell_subject);
        Self {
            checks: outcome.checks.into_iter().map(CheckView::of).collect(),
            reasons: reasons.map(ReasonView::of).collect(),
            sandbox: outcome.call_details.sandbox,
            reused: outcome.reused.map(|reused| reused.verification),
        }
    }
}

impl CheckView {
    fn of(check: Check) -> Self {
        Self {
            field: check.field,
            result: match check.result {
                Match::Match => "match",
                Match::Partial => "partial",
                Match::Mismatch => "mismatch",
                Match::Unknown => "unknown",
            },
            score: check.score,
            rule: check.rule,
        }
    }
}

impl ReasonView {
    pub(crate) fn of(reason: Reason) -> Self {
        Self {
            code: reason.code,
            sentence: reason.sentence,
            tell_subject: reason.tell_subject,
            ask_again: reason.ask_again,
        }
    }
}

impl Revealed {
    pub(super) fn of(outcome: &Outcome) -> Self {
        let record = outcome.record.as_ref();
        Self {
            record: record.and_then(|record| serde_json::to_value(record).ok()),
            provider_data: outcome.provider_data.clone(),
            images: outcome.images.iter().map(ImageView::of).collect(),
        }
    }
}

impl ImageView {
    fn of(image: &Image) -> Self {
        Self {
            name: image.name.clone(),
            media_type: image.media_type.clone(),
            width: image.width,
            height: image.height,
            bytes: image.bytes,
            sha256: image.sha256.clone(),
        }
    }
}
