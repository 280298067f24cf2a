//! Entries of the inbox that can be neither accepted nor rejected, while others can: their data in Redis are damaged, or our
//! code fails on them. Each is retried separately, so that it delays no other entry.

use std::time::{Duration, Instant};

use kyc_domain::Refusals;

use crate::enqueue::entry::Entry;

/// An entry is rejected after this number of failures, which takes two minutes. Its content is retained.
const MOST_FAILURES: u32 = 8;
/// An entry that was delivered more often than this, to readers that did not live to report, is rejected unread.
const MOST_GIVEN: usize = 10;
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The most entries that are retried at once. Further ones stay pending until they count as abandoned.
const MOST_AT_ONCE: usize = 256;

/// The entries that are retried.
pub(crate) struct Failing {
    failed: Vec<Failed>,
    first_pause: Duration,
}

struct Failed {
    entry: Entry,
    failures: u32,
    next: Instant,
}

impl Failing {
    /// Creates an empty list. The pause after a failure doubles with each further failure.
    pub(crate) fn new(first_pause: Duration) -> Self {
        Self {
            failed: Vec::new(),
            first_pause,
        }
    }

    pub(crate) fn has(&self, entry: &Entry) -> bool {
        self.failed.iter().any(|failed| failed.entry.id == entry.id)
    }

    /// Adds an entry with the number of its failures.
    pub(crate) fn add(&mut self, entry: Entry, failures: u32) {
        if self.failed.len() < MOST_AT_ONCE {
            let doubled = 1 << failures.saturating_sub(1).min(16);
            let pause = self.first_pause.saturating_mul(doubled).min(LONGEST_PAUSE);
            let next = Instant::now() + pause;
            self.failed.push(Failed {
                entry,
                failures,
                next,
            });
        }
    }

    /// Removes the next entry that is due, and returns it with the number of its failures.
    pub(crate) fn due(&mut self) -> Option<(Entry, u32)> {
        let now = Instant::now();
        let nth = self.failed.iter().position(|failed| failed.next <= now)?;
        let failed = self.failed.swap_remove(nth);
        Some((failed.entry, failed.failures))
    }
}

/// Returns why an entry with this number of failures is rejected, if it is.
pub(crate) fn refusal(failures: u32) -> Option<Refusals> {
    let problem = format!("could not be accepted, {failures} times over");
    let remedy = "look at the logs of the workers, and send it again";
    (failures >= MOST_FAILURES).then(|| Refusals::one("job", &problem, remedy))
}

/// Returns why an entry is rejected that probably kills its readers, if it is.
pub(crate) fn kills_readers(entry: &Entry) -> Option<Refusals> {
    let given = entry.given;
    let problem = format!("was taken {given} times, and never accepted");
    let remedy = "look at the logs of the workers, and send it again";
    (given > MOST_GIVEN).then(|| Refusals::one("job", &problem, remedy))
}
