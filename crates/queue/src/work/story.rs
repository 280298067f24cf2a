//! What a job went through: a JSON field of its hash, written at the end of each attempt. The scripts read it too.

use jiff::Timestamp;
use kyc_domain::{Decision, Failure, Outcome};
use serde::{Deserialize, Serialize};

use crate::{Attempt, work::lease::Ticket};

/// A job keeps the newest of its history.
const LINES: usize = 40;

/// What a job went through so far. Empty before its first attempt ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Story {
    /// Attempts spent.
    pub(crate) attempts: u32,
    pub(crate) calls: u32,
    /// Calls that may have been billed without an answer.
    pub(crate) unanswered: u32,
    /// Workers that died or hung with it.
    pub(crate) stalls: u32,
    /// It was there twice when a worker died or hung.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) suspect: bool,
    /// The lease under which it was settled last: a settlement that comes again is known by it.
    pub(crate) by: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) history: Vec<Attempt>,
    /// How it ended; `None` while it has not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) verdict: Option<String>,
    /// Code and sentence of the last failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sentence: Option<String>,
}

impl Story {
    /// Nothing yet, for a job that was never tried.
    pub(crate) fn read(text: &[u8]) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::default());
        }
        serde_json::from_slice(text).ok()
    }

    /// The story of a job that ended with an outcome.
    pub(crate) fn completed(ticket: &Ticket, session: &str, outcome: &Outcome, ms: u64) -> Self {
        let (facts, is_reused) = (&outcome.facts, outcome.reused.is_some());
        let line = Attempt {
            at: Timestamp::now().as_millisecond(),
            attempt: ticket.story.attempts + 1,
            class: if is_reused { "reused" } else { "completed" }.to_owned(),
            code: None,
            // Nobody answered this one.
            status: facts.http_status.filter(|_| !is_reused),
            ms: Some(ms),
        };
        Self {
            attempts: line.attempt,
            calls: facts.calls,
            unanswered: facts.unanswered_calls,
            state: Some("completed".to_owned()),
            verdict: Some(outcome.verdict.as_str().to_owned()),
            code: None,
            sentence: None,
            ..Self::with(ticket, session, line)
        }
    }

    /// The story of a job whose attempt failed, after it was decided what becomes of it under which code.
    pub(crate) fn failed(
        ticket: &Ticket,
        session: &str,
        failure: &Failure,
        (decision, code): (&Decision, &str),
        ms: u64,
    ) -> Self {
        let before = &ticket.story;
        let line = Attempt {
            at: Timestamp::now().as_millisecond(),
            attempt: before.attempts + 1,
            class: failure.class.as_str().to_owned(),
            code: Some(failure.code.clone()),
            status: failure.call.http_status,
            ms: Some(ms),
        };
        Self {
            // Waiting spends no attempt.
            attempts: before.attempts + u32::from(!matches!(decision, Decision::Park(..))),
            calls: before.calls + u32::from(failure.call.sent),
            unanswered: before.unanswered + u32::from(failure.call.unanswered),
            state: matches!(decision, Decision::Dead(_)).then(|| "dead".to_owned()),
            code: Some(code.to_owned()),
            sentence: Some(failure.sentence.clone()),
            ..Self::with(ticket, session, line)
        }
    }

    fn with(ticket: &Ticket, session: &str, line: Attempt) -> Self {
        let mut story = ticket.story.clone();
        story.by = format!("{session} {}", ticket.batch);
        story.history.push(line);
        let surplus = story.history.len().saturating_sub(LINES);
        story.history.drain(..surplus);
        story
    }
}
