//! The progress of a job: a JSON field of its hash, written at the end of each attempt. The scripts
//! read it too.

use std::collections::BTreeSet;

use kyc_domain::Class;
use serde::{Deserialize, Serialize};

use crate::Attempt;

/// The progress of a job. Empty before its first attempt ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Progress {
    /// Attempts spent.
    pub(crate) attempts: u32,
    pub(crate) calls: u32,
    /// Calls that may have been billed without an answer.
    pub(crate) unanswered: u32,
    /// Workers that died or hung while they had the job.
    pub(crate) stalls: u32,
    /// Whether its worker died or hung twice.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) quarantined: bool,
    /// Whether an answer to it closed its kind, so that other jobs are tried first.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) deferred: bool,
    /// How often the job was isolated because the provider answered others of its kind, but not
    /// this one.
    #[serde(skip_serializing_if = "is_none")]
    pub(crate) isolated: u32,
    /// Why the provider's answer is retained, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) answer: Option<RetainedAs>,
    /// When a person last retried the dead job, in milliseconds since 1970: since then it waits anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) renewed: Option<i64>,
    /// The lease under which it was last settled. It identifies a settlement that comes twice.
    pub(crate) by: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) history: Vec<Attempt>,
    /// How it ended; `None` before that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) verdict: Option<String>,
    /// The code and the sentence of the last failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sentence: Option<String>,
}

/// Why an answer is retained with a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RetainedAs {
    /// It could not be read. A person can have it read again.
    Kept,
    /// It is ready to be read, without a call.
    Ready,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_none(count: &u32) -> bool {
    *count == 0
}

impl Progress {
    /// Parses a progress. The text is empty for a job that was never tried.
    pub(crate) fn read(text: &[u8]) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::default());
        }
        serde_json::from_slice(text).ok()
    }

    /// Returns how many earlier attempts ended in a failure of this class. Attempts that were not
    /// counted because the circuit was open are left out: each was, or is being, made again under
    /// the same number.
    pub(crate) fn alike(&self, class: Class) -> u32 {
        let attempts = self
            .history
            .iter()
            .filter(|attempt| attempt.class == class.as_str());
        let alike = if class.speaks_against_provider() {
            let spent = attempts
                .map(|attempt| attempt.attempt)
                .filter(|attempt| *attempt <= self.attempts);
            spent.collect::<BTreeSet<_>>().len()
        } else {
            attempts.count()
        };
        u32::try_from(alike).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a progress with this number of attempts, and with failures as class and number of
    /// the attempt.
    fn progress(attempts: u32, failures: &[(Class, u32)]) -> Progress {
        let history = failures.iter().map(|(class, attempt)| Attempt {
            at: 0,
            attempt: *attempt,
            class: class.as_str().to_owned(),
            code: None,
            status: None,
            ms: None,
        });
        Progress {
            attempts,
            history: history.collect(),
            ..Progress::default()
        }
    }

    #[test]
    fn what_an_open_circuit_did_not_count_is_no_attempt_before() {
        use Class::{Damaged, Store, Transient};

        for (attempts, failures, class, alike) in [
            (0, &[][..], Damaged, 0),
            // The first was not counted and is made again.
            (0, &[(Damaged, 1)], Damaged, 0),
            (1, &[(Damaged, 1), (Damaged, 1)], Damaged, 1),
            (1, &[(Damaged, 1), (Damaged, 2), (Damaged, 2)], Damaged, 1),
            (2, &[(Transient, 1), (Damaged, 2)], Damaged, 1),
            (2, &[(Damaged, 1), (Damaged, 2)], Damaged, 2),
            // Storing an image again spends no attempt, so each of these counts.
            (1, &[(Store, 1), (Store, 1), (Store, 1)], Store, 3),
        ] {
            assert_eq!(
                progress(attempts, failures).alike(class),
                alike,
                "{failures:?}"
            );
        }
    }
}
