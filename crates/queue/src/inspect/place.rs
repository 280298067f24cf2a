//! Places of jobs, and filters for lists.

use std::fmt;

use jiff::Timestamp;

use crate::{State, Verification, Waiting};

/// A place of jobs, as lists show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Ready: could be sent next, unless a limiter is closed. In the order of the ready queue.
    Waiting,
    /// Waiting for a time: `not_before`, or the next attempt. The one that is due first comes
    /// first.
    Scheduled,
    /// Held for a decision, since a call may have been billed. The one that waits longest comes
    /// first.
    NeedsDecision,
    /// Leased to a worker.
    Running,
    /// Completed, the newest first.
    Completed,
    /// Dead, the newest first.
    Dead,
    /// Cancelled, the newest first.
    Cancelled,
}

impl Place {
    /// All places.
    pub const ALL: [Self; 7] = [
        Self::Waiting,
        Self::Scheduled,
        Self::NeedsDecision,
        Self::Running,
        Self::Completed,
        Self::Dead,
        Self::Cancelled,
    ];

    /// Returns the name used by commands and pages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Scheduled => "scheduled",
            Self::NeedsDecision => "needs_decision",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    /// Returns whether a job is in this place. It may have moved since its id was read.
    pub fn holds(self, job: &Verification) -> bool {
        let needs_decision = job.waiting.as_ref().is_some_and(Waiting::is_for_a_person);
        match self {
            Self::Waiting | Self::Scheduled => job.state == State::Waiting && !needs_decision,
            Self::NeedsDecision => needs_decision,
            place => job.state.as_str() == place.as_str(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A filter for jobs. A field that is `None` matches every job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Their place.
    pub place: Place,
    /// Their kind.
    pub kind: Option<String>,
    /// Their tenant.
    pub tenant: Option<String>,
    /// The code of their last failure.
    pub code: Option<String>,
    /// The producer's own id.
    pub reference: Option<String>,
    /// Their verdict.
    pub verdict: Option<String>,
    /// Accepted at this time or later.
    pub since: Option<Timestamp>,
    /// Accepted before this time.
    pub until: Option<Timestamp>,
    /// In this place at this time, by Redis' clock, where the place tells when jobs came to it: not those that came since.
    pub seen_at: Option<Timestamp>,
}

impl Filter {
    /// Returns a filter that matches all jobs of a place.
    pub fn all(place: Place) -> Self {
        Self {
            place,
            kind: None,
            tenant: None,
            code: None,
            reference: None,
            verdict: None,
            since: None,
            until: None,
            seen_at: None,
        }
    }

    /// Returns whether a job that a list shows with this cursor was in the place at the time that is asked for.
    pub(crate) fn was_there(&self, cursor: &str) -> bool {
        let tells = !matches!(
            self.place,
            Place::Waiting | Place::Scheduled | Place::Running
        );
        let Some(at) = self.seen_at.filter(|_| tells) else {
            return true;
        };
        let since = cursor
            .split_once('+')
            .and_then(|(since, _)| since.parse::<f64>().ok());
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
        since.is_none_or(|since| since as i64 <= at.as_millisecond())
    }

    /// Returns whether the filter lets a job through, in whatever place it is.
    pub fn lets_through(&self, job: &Verification) -> bool {
        let same =
            |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
        same(&self.kind, &job.kind)
            && same(&self.tenant, &job.tenant)
            && same(&self.code, job.code.as_deref().unwrap_or_default())
            && same(&self.reference, &job.reference)
            && same(&self.verdict, job.verdict.as_deref().unwrap_or_default())
            && self.since.is_none_or(|since| job.enqueued_at >= since)
            && self.until.is_none_or(|until| job.enqueued_at < until)
    }
}
