//! One job, straight through.

use jiff::Timestamp;
use kyc_blobs::Blobs;
use kyc_domain::judge::Judgement;
use kyc_domain::{
    Facts, Failure, Image, MatchPolicies, Outcome, Reason, ReasonCode, Verdict, judge,
};
use kyc_queue::Leased;
use kyc_vault::Vault;
use tokio::sync::Semaphore;

use crate::{
    Messages, Upstream,
    answer::{self, Answer},
    measure,
    open::Opened,
    upstream::Sent,
};

/// What every job of a worker needs.
pub struct Pipeline {
    vault: Vault,
    upstream: Upstream,
    blobs: Blobs,
    messages: Messages,
    matching: MatchPolicies,
    /// Pictures that are decoded and stored at once: more would hold memory, not save time.
    pub(crate) keeping: Semaphore,
}

/// As many as a store takes well; jobs beyond them wait with their answer still encoded.
const KEPT_AT_ONCE: usize = 64;

impl Pipeline {
    /// Puts the parts together.
    pub fn new(
        vault: Vault,
        upstream: Upstream,
        blobs: Blobs,
        messages: Messages,
        matching: MatchPolicies,
    ) -> Self {
        Self {
            vault,
            upstream,
            blobs,
            messages,
            matching,
            keeping: Semaphore::new(KEPT_AT_ONCE),
        }
    }

    /// From a leased job to its outcome. Anything that fails becomes one [`Failure`], which the queue settles.
    pub async fn verify(&self, job: Leased) -> Result<Outcome, Failure> {
        let opened = Opened::open(&job, &self.vault, Timestamp::now())?;
        let lookup = opened.lookup()?;
        let before = Before::of(&job);
        let sent = self.upstream.send(job.into_slot(), &lookup).await?;
        measure::called(opened.kind.name, &sent);
        let answer = answer::read(opened.kind, &sent, &self.messages)?;
        let (images, unusable) = self.keep(&opened, &answer, &sent).await?;
        let judgement = self.judge(&opened, &answer);
        Ok(finish(
            judgement,
            answer,
            images,
            unusable,
            before.facts(&sent),
        ))
    }

    fn judge(&self, opened: &Opened, answer: &Answer<'_>) -> Judgement {
        match answer {
            Answer::Found(found) => {
                let policy = self.matching.of(opened.kind.name);
                judge(&opened.request.claims, &found.record, policy)
            }
            Answer::NotFound => Judgement::without_record(Verdict::NotFound, ReasonCode::NotFound),
            Answer::Rejected { .. } => {
                Judgement::without_record(Verdict::Rejected, ReasonCode::Rejected)
            }
        }
    }

    pub(crate) fn blobs(&self) -> &Blobs {
        &self.blobs
    }
}

/// What earlier attempts cost.
struct Before {
    calls: u32,
    unanswered: u32,
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
        Answer::NotFound => {}
        Answer::Rejected { message } => outcome.message = message,
    }
    outcome
}
