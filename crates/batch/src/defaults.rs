//! What rows have that do not say it themselves.

use kyc_domain::Priority;
use kyc_kinds::Kind;
use serde_json::{Map, Value};

/// What rows have that do not say it themselves.
#[derive(Clone, Copy, Debug, Default)]
pub struct Defaults {
    /// The kind.
    pub kind: Option<&'static Kind>,
    /// The priority.
    pub priority: Option<Priority>,
}

impl Defaults {
    /// Adds what a job does not say.
    pub(crate) fn add_to(&self, job: &mut Map<String, Value>) {
        if let Some(kind) = self.kind {
            job.entry("kind").or_insert_with(|| kind.name.into());
        }
        if let Some(priority) = self.priority {
            job.entry("priority")
                .or_insert_with(|| priority.as_str().into());
        }
    }
}
