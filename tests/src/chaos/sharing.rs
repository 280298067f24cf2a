//! The rules of reuse in a run whose jobs share numbers. They are the same for every entry path.

use std::time::Duration;

use kyc_queue::Reuse;

/// The kinds of all jobs.
pub(super) const KINDS: [&str; 2] = ["bvn", "nin"];

/// How long an answer can be reused.
pub(super) const WINDOW: Duration = Duration::from_secs(600);

/// Returns the rules for the library.
pub(super) fn rules() -> Reuse {
    KINDS.into_iter().fold(Reuse::default(), |rules, kind| {
        rules.with(kind, None, WINDOW)
    })
}

/// Returns the rules as the setting `reuse`.
pub(super) fn setting() -> String {
    KINDS
        .map(|kind| format!("{kind}={}s", WINDOW.as_secs()))
        .join(",")
}
