//! One job, straight through.

use jiff::Timestamp;
use kyc_blobs::Blobs;
use kyc_domain::judge::Judgement;
use kyc_domain::{
    Facts, Failure, Image, MatchPolicies, Outcome, Reason, ReasonCode, Record, Verdict, judge,
};
use kyc_kinds::Rules;
use kyc_queue::{Leased, Leave, Slot};
use kyc_vault::Vault;
use tokio::sync::Semaphore;

use crate::{
    Messages, Upstream,
    answer::{self, Answer},
    measure,
    open::Opened,
    upstream::Sent,
};

/// What the owner decides.
pub struct Policies {
    /// What sentences of the source mean.
    pub messages: Messages,
    /// What jobs must keep to.
    pub rules: Rules,
    /// How claims are held against records.
    pub matching: MatchPolicies,
}

/// What every job of a worker needs.
pub struct Pipeline {
    vault: Vault,
    upstream: Upstream,
    blobs: Blobs,
    policies: Policies,
    /// Pictures that are decoded and stored at once: more would hold memory, not save time.
    pub(crate) keeping: Semaphore,
}

/// As many as a store takes well; jobs beyond them wait with their answer still encoded.
const KEPT_AT_ONCE: usize = 64;

impl Pipeline {
    /// Puts the parts together.
    pub fn new(vault: Vault, upstream: Upstream, blobs: Blobs, policies: Policies) -> Self {
        Self {
            vault,
            upstream,
            blobs,
            policies,
            keeping: Semaphore::new(KEPT_AT_ONCE),
        }
    }

    /// From a leased job to its outcome. Anything that fails becomes one [`Failure`], which the queue settles.
    pub async fn verify(&self, job: Leased) -> Result<Outcome, Failure> {
        let opened = Opened::open(&job, &self.vault, self.policies.rules, Timestamp::now())?;
        let before = Before::of(&job);
        let outcome = match job.into_leave() {
            Leave::Call(slot) => self.ask(&opened, slot, &before).await?,
            Leave::Reuse(answered) => self.reuse(&opened, &answered, &before).await?,
        };
        Ok(opened.sign(outcome))
    }

    /// Asks the source.
    async fn ask(&self, opened: &Opened, slot: Slot, before: &Before) -> Result<Outcome, Failure> {
        let lookup = opened.lookup()?;
        let sent = self.upstream.send(slot, &lookup).await?;
        let answer = answer::read(opened.kind, &sent, &self.policies.messages);
        measure::called(opened.kind.name, &sent, answer.as_ref().err());
        let answer = answer?;
        let (images, unusable) = self.keep(opened, &answer, &sent).await?;
        let judgement = self.judge(opened, &answer);
        let facts = before.facts(&sent);
        Ok(finish(judgement, answer, images, unusable, facts))
    }

    fn judge(&self, opened: &Opened, answer: &Answer<'_>) -> Judgement {
        match answer {
            Answer::Found(found) => self.hold(opened, &found.record),
            Answer::NotFound { .. } => none_found(),
            Answer::Rejected { .. } => rejected(),
        }
    }

    /// Holds this verification's claims against a record.
    fn hold(&self, opened: &Opened, record: &Record) -> Judgement {
        let policy = self.policies.matching.of(opened.kind.name);
        judge(&opened.request.claims, record, policy)
    }

    /// As they are held against the answer to another one; `None` when that has neither a record nor a word that there is
    /// none.
    pub(crate) fn judge_anew(&self, opened: &Opened, answer: &Outcome) -> Option<Judgement> {
        match (&answer.record, answer.verdict) {
            (Some(record), _) => Some(self.hold(opened, record)),
            (None, Verdict::NotFound) => Some(none_found()),
            (None, Verdict::Rejected) => Some(rejected()),
            (None, _) => None,
        }
    }

    pub(crate) fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.vault
    }
}

fn none_found() -> Judgement {
    Judgement::without_record(Verdict::NotFound, ReasonCode::NotFound)
}

fn rejected() -> Judgement {
    Judgement::without_record(Verdict::Rejected, ReasonCode::Rejected)
}

/// What earlier attempts cost.
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

    fn facts(&self, sent: &Sent) -> Facts {
        let call = sent.call();
        Facts {
            calls: self.calls + 1,
            unanswered_calls: self.unanswered,
            http_status: call.http_status,
            requested_at: sent.requested_at,
            call_ms: call.ms,
            sandbox: sent.is_made_up(),
        }
    }
}

fn finish(
    judgement: Judgement,
    answer: Answer<'_>,
    images: Vec<Image>,
    unusable: Vec<Reason>,
    facts: Facts,
) -> Outcome {
    let mut outcome = judgement.outcome(facts);
    outcome.images = images;
    outcome.reasons.extend(unusable);
    match answer {
        Answer::Found(found) => {
            outcome.record = Some(found.record);
            outcome.source = Some(found.source);
        }
        Answer::NotFound { message } | Answer::Rejected { message } => outcome.message = message,
    }
    outcome
}
