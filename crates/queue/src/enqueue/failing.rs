//! Entries of the inbox that can be neither accepted nor rejected, while others can: what Redis holds for such a job is
//! damaged, or our code fails on it. Each is tried again by itself, and holds up nobody.

use std::time::{Duration, Instant};

use kyc_domain::Refusals;

use crate::enqueue::entry::Entry;

/// After so many failures, over two minutes, an entry is rejected: what it holds is kept.
const MOST_FAILURES: u32 = 8;
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// What more fails at once stays pending, and is claimed when it was left alone for long enough.
const MOST_AT_ONCE: usize = 256;

/// What failed and is tried again.
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
    /// None yet. The pause after a failure doubles with each further one.
    pub(crate) fn new(first_pause: Duration) -> Self {
        Self {
            failed: Vec::new(),
            first_pause,
        }
    }

    pub(crate) fn has(&self, entry: &Entry) -> bool {
        self.failed.iter().any(|failed| failed.entry.id == entry.id)
    }

    /// Adds an entry that failed so often.
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

    /// The next one whose time has come, with how often it failed.
    pub(crate) fn due(&mut self) -> Option<(Entry, u32)> {
        let now = Instant::now();
        let nth = self.failed.iter().position(|failed| failed.next <= now)?;
        let failed = self.failed.swap_remove(nth);
        Some((failed.entry, failed.failures))
    }
}

/// Why an entry that failed so often is rejected.
pub(crate) fn refusal(failures: u32) -> Option<Refusals> {
    let problem = format!("could not be accepted, {failures} times over");
    let remedy = "look at the logs of the workers, and send it again";
    (failures >= MOST_FAILURES).then(|| Refusals::one("job", &problem, remedy))
}
