//! The stages of one job, in order.

use kyc_blobs::Blobs;
use kyc_domain::matching::Assessment;
use kyc_domain::{
    Call, CallDetails, Class, Failure, MatchPolicies, Outcome, ReasonCode, Record, Verdict,
};
use kyc_kinds::Rules;
use kyc_queue::{Leased, Leave, Slot};
use kyc_vault::Vault;
use tokio::sync::Semaphore;

use crate::{
    Understanding, Upstream,
    answer::Readable,
    classify, measure,
    open::Opened,
    reply::Answer,
    retained::{About, Received},
    upstream::Sent,
};

/// The policies that configuration sets.
pub struct Policies {
    /// How answers of the provider are interpreted.
    pub understanding: Understanding,
    /// The rules that jobs must follow.
    pub rules: Rules,
    /// How claims are compared with records.
    pub matching: MatchPolicies,
    /// Whether answers of a sandbox are accepted.
    pub allow_sandbox: bool,
}

/// The pipeline, with everything that the jobs of a worker need.
pub struct Pipeline {
    vault: Vault,
    upstream: Upstream,
    blobs: Blobs,
    policies: Policies,
    /// Limits how many jobs decode and store images at once: more would take memory and save no time.
    pub(crate) keeping: Semaphore,
}

/// As many jobs as a blob store serves well. Others wait with their images still encoded.
const KEPT_AT_ONCE: usize = 64;

impl Pipeline {
    /// Builds a pipeline from its parts.
    pub fn new(vault: Vault, upstream: Upstream, blobs: Blobs, policies: Policies) -> Self {
        Self {
            vault,
            upstream,
            blobs,
            policies,
            keeping: Semaphore::new(KEPT_AT_ONCE),
        }
    }

    /// Takes a leased job to its outcome. Every error becomes one [`Failure`], which the queue settles.
    pub async fn verify(&self, job: Leased) -> Result<Outcome, Failure> {
        let opened = Opened::open(&job, &self.vault, self.policies.rules)?;
        let before = Before::of(&job);
        let outcome = match job.into_leave() {
            Leave::Call(slot) => self.ask(&opened, slot, &before).await?,
            Leave::Reuse(answered) => self.reuse(&opened, &answered, &before).await?,
            Leave::Reread(kept) => self.reread(&opened, &kept, &before).await?,
        };
        Ok(opened.sign(outcome))
    }

    /// Calls the provider.
    async fn ask(&self, opened: &Opened, slot: Slot, before: &Before) -> Result<Outcome, Failure> {
        let lookup = opened.lookup()?;
        let sent = self.upstream.send(slot, &lookup).await?;
        if let Err(failure) = self.accept(&sent.about()) {
            measure::called(opened.kind.name, &sent, Some(&failure));
            return Err(failure.after(sent.call()));
        }
        let received = match sent.received() {
            Ok(received) => received,
            Err(error) => return self.without_body(opened, &sent, error, before),
        };
        let readable = Readable::new(&received);
        let answer = readable.read(opened, &self.policies.understanding);
        let answer = answer.map_err(|failure| kept(opened, &received, failure));
        measure::called(opened.kind.name, &sent, answer.as_ref().err());
        let call_details = before.call_details(&received.about, 1);
        let outcome = self
            .conclude(opened, &readable, answer?, call_details)
            .await;
        outcome.map_err(|failure| kept(opened, &received, failure))
    }

    /// Classifies a call without a body to read: no answer came, or it was a refusal.
    fn without_body(
        &self,
        opened: &Opened,
        sent: &Sent,
        error: &radius_api::Error,
        before: &Before,
    ) -> Result<Outcome, Failure> {
        let messages = &self.policies.understanding.messages;
        let answer = classify::error(error, messages, &opened.request.subject)
            .map_err(|failure| failure.after(sent.call()));
        measure::called(opened.kind.name, sent, answer.as_ref().err());
        let answer = answer?;
        let call_details = before.call_details(&sent.about(), 1);
        Ok(finish(self.assess(opened, &answer), answer, call_details))
    }

    /// Reads a retained answer again, without a call.
    async fn reread(
        &self,
        opened: &Opened,
        kept: &[u8],
        before: &Before,
    ) -> Result<Outcome, Failure> {
        let received = Received::open(&opened.key, kept).ok_or_else(|| {
            let sentence = "The retained answer cannot be opened.";
            Failure::new(Class::Internal, "answer_unreadable", sentence)
        })?;
        self.accept(&received.about)?;
        let readable = Readable::new(&received);
        let answer = readable.read(opened, &self.policies.understanding)?;
        let call_details = before.call_details(&received.about, 0);
        self.conclude(opened, &readable, answer, call_details).await
    }

    /// Makes the outcome from an answer: stores its images, and compares the claims with it.
    async fn conclude(
        &self,
        opened: &Opened,
        readable: &Readable<'_>,
        answer: Answer<'_>,
        call_details: CallDetails,
    ) -> Result<Outcome, Failure> {
        let reasons = readable.reasons(&answer);
        let (images, unusable) = self.keep(opened, &answer).await?;
        let mut outcome = finish(self.assess(opened, &answer), answer, call_details);
        outcome.images = images;
        outcome.reasons.extend(reasons);
        outcome.reasons.extend(unusable);
        Ok(outcome)
    }

    fn assess(&self, opened: &Opened, answer: &Answer<'_>) -> Assessment {
        match answer {
            Answer::Found(found) => self.compare(opened, &found.record),
            Answer::NotFound { .. } => none_found(),
            Answer::Rejected { .. } => rejected(),
        }
    }

    /// Compares the claims of this verification with a record.
    fn compare(&self, opened: &Opened, record: &Record) -> Assessment {
        self.policies.matching.assess(&opened.request, record)
    }

    /// Assesses this verification by the outcome of another one. Returns `None` if that has neither a record nor a verdict
    /// that explains why there is none.
    pub(crate) fn assess_anew(&self, opened: &Opened, answer: &Outcome) -> Option<Assessment> {
        match (&answer.record, answer.verdict) {
            (Some(record), _) => Some(self.compare(opened, record)),
            (None, Verdict::NotFound) => Some(none_found()),
            (None, Verdict::Rejected) => Some(rejected()),
            (None, _) => None,
        }
    }

    /// Refuses an answer of a sandbox, unless such answers are allowed. Nothing else of the answer counts.
    fn accept(&self, about: &About) -> Result<(), Failure> {
        if self.accepts(about.sandbox) {
            return Ok(());
        }
        Err(Failure::new(
            Class::Sandbox,
            "sandbox_answer",
            "A sandbox answered, and nothing of its answer was used: check KYC_RADIUS_URL, or set KYC_ALLOW_SANDBOX=true.",
        ))
    }

    /// Returns whether an answer is accepted that comes from a sandbox, or not.
    pub(crate) fn accepts(&self, sandbox: bool) -> bool {
        !sandbox || self.policies.allow_sandbox
    }

    pub(crate) fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.vault
    }
}

fn none_found() -> Assessment {
    Assessment::without_record(Verdict::NotFound, ReasonCode::NotFound)
}

fn rejected() -> Assessment {
    Assessment::without_record(Verdict::Rejected, ReasonCode::Rejected)
}

/// The calls of earlier attempts.
pub(crate) struct Before {
    pub(crate) calls: u32,
    pub(crate) unanswered: u32,
}

impl Before {
    fn of(job: &Leased) -> Self {
        Self {
            calls: job.calls_before(),
            unanswered: job.unanswered_before(),
        }
    }

    /// Returns the call details of an answer, with the calls of this attempt added.
    fn call_details(&self, about: &About, calls: u32) -> CallDetails {
        CallDetails {
            calls: self.calls + calls,
            unanswered_calls: self.unanswered,
            http_status: about.http_status,
            requested_at: about.requested_at,
            call_ms: about.ms,
            sandbox: about.sandbox,
        }
    }
}

/// Completes a failure after an answer came. The answer, which was paid for, is retained if it may still be of use.
fn kept(opened: &Opened, received: &Received, failure: Failure) -> Failure {
    let is_useless = matches!(
        failure.class,
        Class::Unreadable | Class::Damaged | Class::WrongRecord
    );
    let is_retained = is_useless || failure.class == Class::Store;
    let failure = failure.after(Call {
        // A call with a useless answer may be billed like a call without an answer.
        unanswered: is_useless,
        ..received.call()
    });
    if is_retained {
        failure.keeping(received.seal(&opened.key))
    } else {
        failure
    }
}

fn finish(assessment: Assessment, answer: Answer<'_>, call_details: CallDetails) -> Outcome {
    let mut outcome = assessment.outcome(call_details);
    match answer {
        Answer::Found(found) => {
            outcome.record = Some(found.record);
            outcome.provider_data = Some(found.provider_data);
        }
        Answer::NotFound { message } | Answer::Rejected { message } => outcome.message = message,
    }
    outcome
}
