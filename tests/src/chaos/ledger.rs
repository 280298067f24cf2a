//! The ledger of a run: compares each accepted job with its state in the queue, its published results, and the calls that
//! arrived at the provider.

mod numbers;
mod recovery;
mod rows;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use kyc_domain::VerificationId;
use kyc_kinds::Rules;
use kyc_queue::{Published, Queue, Verification};
use kyc_sandbox::Stats;

use super::{
    faults::Happened,
    jobs::Accepted,
    report::{Promise, Row},
    workers::Tally,
};

/// An accepted job, with everything that is known about it.
struct Fate {
    accepted: Accepted,
    known: Option<Verification>,
    /// The number of its entries in the results stream.
    published: usize,
    /// The number of calls that arrived at the provider for its number.
    upstream: u64,
}

/// All accepted jobs of a run.
pub(super) struct Ledger {
    fates: Vec<Fate>,
    unanswered: Vec<String>,
    rejected: u64,
    /// The times of all published results in milliseconds since 1970, in order.
    ends: Vec<u64>,
    /// References of published results whose job was not accepted.
    strangers: Vec<String>,
    /// References of more than one verification.
    doubled: Vec<String>,
}

impl Ledger {
    /// Looks up every accepted job.
    ///
    /// # Panics
    /// When the queue does not answer.
    pub(super) async fn keep(
        queue: &Queue,
        accepted: Vec<Accepted>,
        results: &[Published],
        stats: &Stats,
    ) -> Self {
        let mut by_reference: HashMap<&str, HashMap<&str, usize>> = HashMap::new();
        for result in results {
            let ids = by_reference.entry(&result.reference).or_default();
            *ids.entry(&result.id).or_default() += 1;
        }
        let (unanswered, accepted): (Vec<_>, Vec<_>) =
            accepted.into_iter().partition(|job| job.unanswered);
        let mut ledger = Self {
            fates: Vec::new(),
            unanswered: unanswered.into_iter().map(|job| job.reference).collect(),
            rejected: queue.depths(&[]).await.expect("Redis answers").rejected,
            ends: results.iter().filter_map(time).collect(),
            strangers: Vec::new(),
            doubled: Vec::new(),
        };
        for accepted in accepted {
            let ids = by_reference.remove(accepted.reference.as_str());
            let ids = ids.unwrap_or_default();
            if ids.len() > 1 {
                ledger.doubled.push(accepted.reference.clone());
            }
            let known = find(queue, &accepted, &ids).await;
            let upstream = stats.calls.get(&accepted.in_ledger).copied();
            ledger.fates.push(Fate {
                known,
                published: ids.values().sum(),
                upstream: upstream.unwrap_or_default(),
                accepted,
            });
        }
        ledger.strangers = by_reference.into_keys().map(str::to_owned).collect();
        ledger
    }

    /// Returns all counts. `places` is the number of jobs that a worker runs at once.
    pub(super) fn rows(
        &self,
        happened: &[Happened],
        tally: Tally,
        (workers, places): (u64, u64),
    ) -> Vec<Row> {
        let hit = |one: &Happened| match one.fault.hits_one_worker() {
            true => places,
            false => places * workers,
        };
        let most = happened.iter().map(hit).sum();
        let mut rows = self.ends();
        rows.extend(self.broken_ends());
        rows.extend(self.calls(most));
        rows.extend([
            Row::count("faults", "faults", happened.len() as u64),
            Row::count(
                "starts_refused",
                "worker starts that could not reach Redis",
                tally.refused_to_start,
            ),
            Row::count(
                "workers_died",
                "workers that died without the tool's signal",
                tally.died,
            )
            .promised(Promise::Zero),
            Row::count("workers_panicked", "workers that panicked", tally.panicked)
                .promised(Promise::Zero),
        ]);
        rows
    }

    fn known(&self) -> impl Iterator<Item = (&Fate, &Verification)> {
        self.fates
            .iter()
            .filter_map(|fate| Some((fate, fate.known.as_ref()?)))
    }

    /// Returns the references and ids of the jobs for which `is_so` holds.
    fn those(&self, is_so: impl Fn(&Fate, &Verification) -> bool) -> Vec<String> {
        let those = self.known().filter(|(fate, job)| is_so(fate, job));
        those
            .map(|(fate, job)| format!("{} {}", fate.accepted.reference, job.id))
            .collect()
    }
}

/// Returns the time at which a result was published. The id of its entry begins with it, in milliseconds.
fn time(result: &Published) -> Option<u64> {
    result.entry.split_once('-')?.0.parse().ok()
}

/// Looks up an accepted job. A job from the inbox has no known id until it is published. If it was not published, it is
/// enqueued again: the idempotency key shows whether the queue has it.
async fn find(
    queue: &Queue,
    accepted: &Accepted,
    published: &HashMap<&str, usize>,
) -> Option<Verification> {
    let told = accepted.id.as_deref().or(published.keys().next().copied());
    let id: VerificationId = match told {
        Some(id) => id.parse().ok()?,
        None => {
            let request = kyc_kinds::parse(accepted.job.as_bytes(), Rules::default()).ok()?;
            let answer = queue.enqueue(&request).await.expect("Redis answers");
            answer.existing.then_some(answer.id)?
        }
    };
    let known = queue.look(id).await;
    known.expect("a stored verification can be read")
}
