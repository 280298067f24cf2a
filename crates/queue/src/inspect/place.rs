//! Where jobs stand, and which of them are meant.

use std::fmt;

use crate::{State, Verification, Waiting};

/// Where jobs are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Ready: could be sent next, or its kind is parked. In the order of the ready queue.
    Waiting,
    /// Waiting for a time: `not_before`, or the next attempt. The next one first.
    Scheduled,
    /// Waiting for a person, since a call of theirs may have been billed. The one that waits longest first.
    NeedsDecision,
    /// With a worker.
    Running,
    /// Completed, the newest first.
    Completed,
    /// Dead, the newest first.
    Dead,
    /// Called off, the newest first.
    Cancelled,
}

impl Place {
    /// All there are.
    pub const ALL: [Self; 7] = [
        Self::Waiting,
        Self::Scheduled,
        Self::NeedsDecision,
        Self::Running,
        Self::Completed,
        Self::Dead,
        Self::Cancelled,
    ];

    /// The name used by commands and pages.
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

    /// Whether a job stands here: it may have moved on since its id was read.
    pub(crate) fn holds(self, job: &Verification) -> bool {
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

/// Which jobs are meant. What is `None` lets all through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Where they stand.
    pub place: Place,
    /// Their kind.
    pub kind: Option<String>,
    /// Whose they are.
    pub tenant: Option<String>,
    /// The code of their last failure.
    pub code: Option<String>,
}

impl Filter {
    /// All jobs of a place.
    pub fn all(place: Place) -> Self {
        Self {
            place,
            kind: None,
            tenant: None,
            code: None,
        }
    }

    pub(crate) fn lets_through(&self, job: &Verification) -> bool {
        let same =
            |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
        same(&self.kind, &job.kind)
            && same(&self.tenant, &job.tenant)
            && same(&self.code, job.code.as_deref().unwrap_or_default())
    }
}
