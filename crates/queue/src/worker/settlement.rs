//! Settles jobs: stores and publishes outcomes, decides what follows from failures, and gives other jobs back.
//! Each of these is repeated until Redis confirms it.

use std::{sync::Arc, time::Duration};

use crate::{
    enqueue::header::json,
    measure,
    script::{self, arguments},
    units::millis,
    worker::{
        completion::Completion,
        in_flight::Held,
        lease::Ticket,
        log,
        missing_keys::KEY_MISSING,
        progress::Progress,
        settled::{Settled, until_applied},
        state::Worker,
    },
};
use jiff::Timestamp;
use kyc_domain::{
    AmbiguousCalls, AttemptContext, Call, Class, Decision, Failure, Outcome, Park, ParkReason,
    Record,
};

impl Worker {
    pub(crate) async fn settle(
        &self,
        ticket: &Arc<Ticket>,
        result: Result<Outcome, Failure>,
        took: Duration,
    ) -> Settled {
        measure::took(&ticket.header.kind, took);
        let settled = match &result {
            Ok(outcome) => self.complete(ticket, outcome, took).await,
            Err(failure) => self.settle_failure(ticket, failure, took).await,
        };
        if settled == Settled::Lost {
            tracing::warn!(verification.id = %ticket.id, "Came too late: the job was called off, or is no longer this worker's");
        }
        settled
    }

    async fn complete(&self, ticket: &Arc<Ticket>, outcome: &Outcome, took: Duration) -> Settled {
        let sealed = match self.seal(ticket, outcome) {
            Ok(sealed) => sealed,
            Err(failure) => return self.settle_failure(ticket, &failure, took).await,
        };
        let now = self.sending.clock.now();
        // The stream is readable without a key, so that only what the subject may know is published.
        let told = outcome.reasons.iter().filter(|reason| reason.tell_subject);
        let reasons = told.map(|reason| reason.code.clone());
        let verdict = outcome.verdict.as_str();
        let completion = Completion {
            ticket: Arc::clone(ticket),
            verdict,
            reasons: reasons.collect(),
            sandbox: outcome.call_details.sandbox,
            sealed,
            progress: Progress::completed(
                ticket,
                self.session.name(),
                outcome,
                (now, millis(took)),
            ),
            has_record: outcome.record.is_some(),
            numbers: outcome
                .record
                .as_ref()
                .map_or_else(Vec::new, Record::numbers),
            has_images: !outcome.images.is_empty(),
            retained_since: if ticket.is_retained {
                outcome.call_details.answered_ms()
            } else {
                0
            },
        };
        let settled = self.completions.settle(completion).await;
        if !matches!(settled, Settled::Lost | Settled::GivenUp) {
            measure::completed(&ticket.header.kind, verdict);
            if outcome.reused.is_some() {
                measure::saved(&ticket.header.kind);
            }
            tracing::info!(
                verification.id = %ticket.id,
                kind = ticket.header.kind,
                verdict,
                attempt = ticket.progress.attempts + u32::from(!ticket.is_retained),
                calls = outcome.call_details.calls,
                duration_ms = millis(took),
                "Completed verification"
            );
        }
        settled
    }

    /// Seals the outcome with the data key of the job.
    fn seal(&self, ticket: &Ticket, outcome: &Outcome) -> Result<Vec<u8>, Failure> {
        let unsealable = || {
            let call = Call {
                sent: ticket.makes_call(),
                http_status: outcome.call_details.http_status,
                ms: outcome.call_details.call_ms,
                ..Call::default()
            };
            let sentence = "The outcome could not be sealed.";
            Failure::new(Class::Internal, "seal_failed", sentence).after(call)
        };
        let json = serde_json::to_vec(outcome).map_err(|_| unsealable())?;
        let key = ticket
            .data_key(self.queue.vault())
            .map_err(|_| unsealable())?;
        Ok(key.seal(&ticket.header.outcome_part(), "application/json", &json))
    }

    async fn settle_failure(&self, ticket: &Ticket, failure: &Failure, took: Duration) -> Settled {
        let context = self.context(ticket, failure);
        let now = context.now;
        let decision = (self.decide)(failure, context.clone());
        let Some((verb, delay, code)) = in_words(&decision, failure) else {
            return self.give_back(ticket, failure).await;
        };
        let is_last = matches!(decision, Decision::Park(..))
            && matches!(
                (self.decide)(&failure.of_this_job_alone(), context),
                Decision::Dead(_)
            );
        let parks_as = failure.class.parks_as().filter(|_| failure.call.sent);
        // A cached or retained answer says nothing about the provider's present state. A passed deadline ends the job, whatever
        // the state of the provider.
        let against_provider =
            ticket.makes_call() && failure.class.speaks_against_provider() && code == failure.code;
        let circuit = &self.config.circuit;
        // This also holds for a dead job that an open circuit makes ready again.
        let holds = decision == Decision::Hold
            || failure.is_ambiguous() && self.config.ambiguous_calls == AmbiguousCalls::Hold;
        let progress = Progress::failed(
            ticket,
            self.session.name(),
            failure,
            (&decision, code),
            (now, millis(took)),
        );
        let calls = progress.calls - ticket.progress.calls;
        let config = self.queue.config();
        let (progress, delay) = (&*json(&progress), &delay);
        let settled = until_applied(false, |is_again| {
            self.queue.run(&script::SETTLE, move |call| {
                let settle = arguments::Settle {
                    session: self.session.name(),
                    batch: ticket.batch,
                    id: &ticket.id.to_string(),
                    verb,
                    progress,
                    delay_ms: delay,
                    code,
                    class: failure.class.as_str(),
                    calls,
                    retention_ms: millis(config.keep_dead),
                    keep_results: config.keep_results,
                    against_provider: u8::from(against_provider),
                    pauses_seen: ticket.pauses,
                    given_ms: ticket.given_us / 1000,
                    failures: circuit.failures,
                    window_ms: millis(circuit.window),
                    first_pause_ms: millis(circuit.first_pause),
                    longest_pause_ms: millis(circuit.longest_pause),
                    hold_ambiguous: u8::from(holds),
                    own_code: &failure.code,
                    is_last: u8::from(is_last),
                    answer: failure.kept.as_ref().map_or(&[][..], |kept| kept.bytes()),
                    parks_as: parks_as.map_or("", ParkReason::as_str),
                    is_again: u8::from(is_again),
                };
                settle.write(call);
                call.arg(&self.config.image_kinds);
            })
        })
        .await
        .unwrap_or(Settled::GivenUp);
        match settled {
            Settled::Done => log::settled(ticket, failure, &decision, code, delay),
            Settled::Isolated => log::isolated(ticket, failure, is_last),
            Settled::Parked => {
                log::settled(ticket, failure, &decision, code, delay);
                log::parked(ticket, parks_as.map_or("blob_store", ParkReason::as_str));
            }
            Settled::NotCounted | Settled::Opened => {
                log::not_counted(ticket, failure, settled == Settled::Opened, holds);
            }
            Settled::Held | Settled::Lost | Settled::GivenUp => {}
        }
        settled
    }

    /// Gives a job back for which nothing was sent. It becomes ready again, and a cached answer that could not be used is
    /// deleted.
    async fn give_back(&self, ticket: &Ticket, failure: &Failure) -> Settled {
        let why = &failure.code;
        let lacks_key = why == KEY_MISSING;
        if lacks_key {
            tracing::debug!(verification.id = %ticket.id, why, "Gave a job back");
        } else if !ticket.makes_call() {
            tracing::warn!(verification.id = %ticket.id, why, "Could not reuse an answer: the provider is asked");
        } else {
            measure::slot_missed(&ticket.header.kind, why);
            tracing::debug!(verification.id = %ticket.id, why, "Gave a slot back");
        }
        let lease = Held {
            id: ticket.id,
            kind: ticket.header.kind.clone(),
            batch: ticket.batch,
            given_us: ticket.given_us,
            slot_us: ticket.slot_us,
            sent: false,
        };
        until_applied(false, |_| {
            self.hand_back(&lease, ticket.is_cached && !lacks_key)
        })
        .await
        .unwrap_or(Settled::GivenUp)
    }

    fn context(&self, ticket: &Ticket, failure: &Failure) -> AttemptContext {
        AttemptContext {
            attempt: ticket.progress.attempts + 1,
            max_attempts: ticket.header.max_attempts,
            deadline: ticket
                .header
                .deadline
                .and_then(|at| Timestamp::from_millisecond(at).ok()),
            alike: ticket.progress.alike(failure.class),
            is_reread: ticket.is_retained,
            pauses: ticket.pauses,
            delay: Duration::ZERO,
            now: self.sending.clock.now(),
        }
    }
}

/// Returns a decision as the arguments of the script: verb, delay in milliseconds (-1 for until resumed) and code. `None` if the
/// job is to be given back.
fn in_words<'a>(
    decision: &'a Decision,
    failure: &'a Failure,
) -> Option<(&'static str, String, &'a str)> {
    Some(match decision {
        Decision::Retry(delay) => ("retry", millis(*delay).to_string(), &failure.code),
        Decision::Hold => ("hold", "0".to_owned(), &failure.code),
        Decision::Park(Park::For(pause), why) => ("park", millis(*pause).to_string(), why.as_str()),
        Decision::Park(Park::UntilResumed, why) => ("park", "-1".to_owned(), why.as_str()),
        Decision::Keep(delay) => ("keep", millis(*delay).to_string(), &failure.code),
        Decision::Dead(code) => ("dead", "0".to_owned(), code),
        Decision::GiveBack => return None,
    })
}
