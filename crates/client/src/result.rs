//! How a job ended, as a worker publishes it.

use serde::{Deserialize, Serialize};

/// A result. It is pseudonymous: only who has the producer's own data knows whom `reference` means.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct JobResult {
    /// The id of the job.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// Its tenant.
    pub tenant: String,
    /// The producer's own id.
    pub reference: String,
    /// `completed`, `dead` or `cancelled`.
    pub state: String,
    /// `match`, `partial_match`, `no_match`, `found`, `not_found` or `rejected`; empty for a job that did not complete.
    pub verdict: String,
    /// Codes that explain the verdict, or why there is none.
    pub reasons: Vec<String>,
    /// Whether a sandbox answered, so that the person is made up.
    pub sandbox: bool,
}
