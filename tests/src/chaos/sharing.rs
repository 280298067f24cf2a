//! How answers are reused in a run whose jobs share numbers: alike wherever jobs are accepted.

use std::time::Duration;

use kyc_queue::Reuse;

/// The kinds of all jobs.
pub(super) const KINDS: [&str; 2] = ["bvn", "nin"];

/// How long an answer does for others.
pub(super) const WINDOW: Duration = Duration::from_secs(600);

/// For the library.
pub(super) fn rules() -> Reuse {
    KINDS.into_iter().fold(Reuse::default(), |rules, kind| {
        rules.with(kind, None, WINDOW)
    })
}

/// For our programs, as the setting `reuse`.
pub(super) fn setting() -> String {
    KINDS
        .map(|kind| format!("{kind}={}s", WINDOW.as_secs()))
        .join(",")
}
