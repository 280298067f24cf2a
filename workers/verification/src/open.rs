//! Opens the request of a leased job. A job that can never succeed is refused here, before a call is paid for.

use kyc_domain::{Class, Failure, Outcome, Request};
use kyc_kinds::{Kind, Rules};
use kyc_queue::{KEY_MISSING, Leased, OpenJobError};
use kyc_vault::{DataKey, Vault};

/// A job that was opened.
pub(crate) struct Opened {
    pub(crate) id: String,
    pub(crate) tenant: String,
    pub(crate) kind: &'static Kind,
    pub(crate) request: Request,
    /// The key that all parts of this verification are sealed with.
    pub(crate) key: DataKey,
}

impl Opened {
    /// Unseals and parses the request.
    pub(crate) fn open(job: &Leased, vault: &Vault, rules: Rules) -> Result<Self, Failure> {
        if job
            .deadline_ms()
            .is_some_and(|deadline| deadline <= job.now().as_millisecond())
        {
            return Err(hopeless(
                "deadline_passed",
                "Its deadline passed before a call was made.",
            ));
        }
        let id = job.id().to_string();
        let (key, plain) = job.open(vault).map_err(|error| unopened(&error))?;
        let request = kyc_kinds::parse(&plain, Rules::ACCEPTED).map_err(|_| {
            hopeless(
                "request_unreadable",
                "This version cannot read the request.",
            )
        })?;
        // The job may have been accepted without this rule. Without consent, no call is made.
        if rules.require_consent && request.terms.consent.is_none() {
            return Err(hopeless(
                "consent_missing",
                "It was accepted without the subject's consent, which this worker requires.",
            ));
        }
        let kind = kyc_kinds::find(request.kind)
            .ok_or_else(|| hopeless("kind_unknown", "This version does not know the kind."))?;
        Ok(Self {
            id,
            tenant: job.tenant().to_owned(),
            kind,
            request,
            key,
        })
    }

    /// Adds the purpose and the consent of the request to an outcome.
    pub(crate) fn sign(&self, mut outcome: Outcome) -> Outcome {
        outcome.purpose.clone_from(&self.request.terms.purpose);
        outcome.consent.clone_from(&self.request.terms.consent);
        outcome
    }

    /// Returns the call for this request.
    pub(crate) fn lookup(&self) -> Result<radius_api::Request, Failure> {
        (self.kind.lookup)(&self.request.subject)
            .map_err(|_| hopeless("request_unusable", "The number cannot be sent in a call."))
    }
}

/// The job is given back, without an attempt: another worker has the key.
pub(crate) fn key_missing() -> Failure {
    Failure::new(
        Class::Missed,
        KEY_MISSING,
        "This worker lacks a key that the job is sealed with.",
    )
}

fn hopeless(code: &str, sentence: &str) -> Failure {
    Failure::new(Class::Hopeless, code, sentence)
}

/// A job that was changed can never succeed. If a key is missing, another worker may have it.
fn unopened(error: &OpenJobError) -> Failure {
    match error {
        OpenJobError::Sealed(error) if error.missing_key().is_some() => key_missing(),
        OpenJobError::Sealed(error) => hopeless(
            "request_changed",
            &format!("The request cannot be opened: {error}"),
        ),
        OpenJobError::RecordMissing => hopeless(
            "key_record_missing",
            "Its key record is gone: what it was accepted with was erased.",
        ),
        OpenJobError::HeaderChanged => hopeless(
            "header_changed",
            "The header of the job was changed after the job was accepted.",
        ),
    }
}
