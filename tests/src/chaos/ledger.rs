//! The books after a run: each accepted job against what the queue knows of it, what was published, and the calls that arrived.

use std::collections::HashMap;

use kyc_domain::VerificationId;
use kyc_kinds::Rules;
use kyc_queue::{Published, Queue, State, Verification};
use kyc_sandbox::Stats;

use super::{
    faults::Happened,
    jobs::{Accepted, Ending, Part},
    plan::Fault,
    report::{Promise, Recovery, Row},
    workers::Tally,
};

/// A job, and everything that is known of it.
struct Fate {
    accepted: Accepted,
    known: Option<Verification>,
    /// Entries of it in the results stream.
    published: usize,
    /// Calls that arrived at the source.
    upstream: u64,
}

/// The books.
pub(super) struct Ledger {
    fates: Vec<Fate>,
    unanswered: Vec<String>,
    rejected: u64,
    /// When a job was published, in milliseconds since 1970, ordered.
    ends: Vec<u64>,
    /// Results of jobs that nobody knows to have been accepted.
    strangers: Vec<String>,
    /// References with more than one verification.
    doubled: Vec<String>,
}

impl Ledger {
    /// Looks every accepted job up.
    ///
    /// # Panics
    /// When the queue cannot be looked at.
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

    /// All counts; `places` is how many jobs a worker has at once.
    pub(super) fn rows(
        &self,
        happened: &[Happened],
        tally: Tally,
        (workers, places): (u64, u64),
    ) -> Vec<Row> {
        let most: u64 = happened
            .iter()
            .map(|one| {
                places
                    * if one.fault.hits_one_worker() {
                        1
                    } else {
                        workers
                    }
            })
            .sum();
        let mut rows = self.ends();
        rows.extend(self.broken_ends());
        rows.extend(self.calls(most));
        rows.extend([
            Row::count("faults", "faults", happened.len() as u64),
            Row::count(
                "starts_refused",
                "worker starts that found no Redis",
                tally.refused_to_start,
            ),
            Row::count(
                "workers_died",
                "workers that died without our signal",
                tally.died,
            )
            .promised(Promise::Zero),
            Row::count("workers_panicked", "workers that panicked", tally.panicked)
                .promised(Promise::Zero),
        ]);
        rows
    }

    fn ends(&self) -> Vec<Row> {
        let state = |state| {
            let there = |fate: &&Fate| fate.known.as_ref().is_some_and(|job| job.state == state);
            self.fates.iter().filter(there).count() as u64
        };
        let again = self.fates.iter().filter(|fate| fate.accepted.known_before);
        let longest = self.known().map(|(fate, job)| (waited_ms(job), fate, job));
        let longest = longest.max_by_key(|(waited, ..)| *waited);
        let longest = longest.map_or_else(Default::default, |(waited, fate, job)| {
            let who = &fate.accepted.reference;
            let example = format!("{who} {}, {} stalls", job.id, job.stalls);
            (waited, vec![example])
        });
        vec![
            Row::count("accepted", "accepted", self.fates.len() as u64),
            Row::count(
                "accepted_again",
                "of these, accepted before an answer that was lost",
                again.count() as u64,
            ),
            Row::count("completed", "completed", state(State::Completed)),
            Row::count("dead", "dead", state(State::Dead)),
            Row {
                examples: longest.1,
                ..Row::count(
                    "longest_ms",
                    "longest time from accepted to ended, ms",
                    longest.0,
                )
            },
        ]
    }

    fn known(&self) -> impl Iterator<Item = (&Fate, &Verification)> {
        self.fates
            .iter()
            .filter_map(|fate| Some((fate, fate.known.as_ref()?)))
    }

    /// The references of the jobs of which this is so.
    fn those(&self, is_so: impl Fn(&Fate, &Verification) -> bool) -> Vec<String> {
        let those = self.known().filter(|(fate, job)| is_so(fate, job));
        those
            .map(|(fate, job)| format!("{} {}", fate.accepted.reference, job.id))
            .collect()
    }

    fn broken_ends(&self) -> Vec<Row> {
        let lost: Vec<String> = self
            .fates
            .iter()
            .filter(|fate| fate.known.is_none())
            .map(|fate| fate.accepted.reference.clone())
            .collect();
        let twice = self.those(|fate, _| fate.published > 1);
        let waiting = self.those(|_, job| !job.state.is_final());
        let silent = self.those(|fate, job| job.state.is_final() && fate.published == 0);
        let empty = self.those(|_, job| job.state == State::Completed && job.outcome.is_none());
        let wrong = self.those(|fate, job| job.state.is_final() && !ended_well(fate, job));
        let spent = self.those(|fate, job| {
            let attempts = Part::of(&fate.accepted.case).and_then(|part| part.attempts);
            job.state.is_final() && attempts.is_some_and(|attempts| attempts != job.attempts)
        });
        let refused: Vec<String> = (0..self.rejected).map(|_| "inbox".to_owned()).collect();
        vec![
            Row::zero("waiting", "still waiting at the end", &waiting),
            Row::zero("lost", "lost", &lost),
            Row::zero("published_twice", "published more than once", &twice),
            Row::zero("doubled", "one key, more than one job", &self.doubled),
            Row::zero("unpublished", "ended and not published", &silent),
            Row::zero(
                "without_result",
                "completed without a stored result",
                &empty,
            ),
            Row::zero("wrong_end", "ended otherwise than they must", &wrong),
            Row::zero("attempts_spent", "attempts that a fault spent", &spent),
            Row::zero(
                "unanswered",
                "never answered, with all faults over",
                &self.unanswered,
            ),
            Row::zero("strangers", "published and never accepted", &self.strangers),
            Row::zero("refused", "refused by the inbox", &refused),
        ]
    }

    /// Each attempt needs one call; each time a worker died or hung with the job may have cost one more.
    fn calls(&self, most: u64) -> Vec<Row> {
        let extra =
            |fate: &Fate, job: &Verification| fate.upstream.saturating_sub(u64::from(job.attempts));
        let upstream = self.fates.iter().map(|fate| fate.upstream).sum();
        let stalls = self.known().map(|(_, job)| u64::from(job.stalls)).sum();
        let all_extra = self.known().map(|(fate, job)| extra(fate, job)).sum();
        let too_many = self.those(|fate, job| extra(fate, job) > u64::from(job.stalls));
        let forgotten = self.those(|fate, job| fate.upstream > u64::from(job.calls));
        let uncalled = self.those(|fate, job| job.state.is_final() && fate.upstream == 0);
        vec![
            Row::count("upstream", "upstream calls", upstream),
            Row::count("stalls", "times a worker died or hung with a job", stalls),
            Row::count("extra", "extra upstream calls, of places hit", all_extra)
                .promised(Promise::AtMost(most)),
            Row::zero(
                "extra_unexplained",
                "jobs with more extra calls than stalls",
                &too_many,
            ),
            Row::zero("calls_forgotten", "jobs that forgot a call", &forgotten),
            Row::zero("uncalled", "ended without a call", &uncalled),
        ]
    }

    /// How long it took, after each kind of fault, until a job ended.
    pub(super) fn recoveries(&self, happened: &[Happened], places: u64) -> Vec<Recovery> {
        let next = |ms: u64| {
            let later = self.ends.partition_point(|end| *end <= ms);
            self.ends.get(later).copied()
        };
        let of = |fault: Fault| {
            let these = || happened.iter().filter(move |one| one.fault == fault);
            let most = if fault.hits_one_worker() {
                places
            } else {
                u64::MAX
            };
            Recovery {
                fault,
                times: these().count() as u64,
                under_way: these()
                    .map(|one| one.under_way.unwrap_or(0).min(most))
                    .sum(),
                from_beginning_ms: these()
                    .filter_map(|one| Some(next(one.began_ms)? - one.began_ms))
                    .max(),
                from_end_ms: these()
                    .filter_map(|one| {
                        let over = all_over(happened, one.ended_ms, next);
                        Some(next(over)? - over)
                    })
                    .max(),
            }
        };
        let all = Fault::ALL.into_iter().map(of);
        all.filter(|recovery| recovery.times > 0).collect()
    }
}

/// From when on nothing stood in the way of the next completion: the end of the last of those faults, each begun before anything was
/// completed, that leave no worker able to.
fn all_over(happened: &[Happened], ended: u64, next: impl Fn(u64) -> Option<u64>) -> u64 {
    let mut over = ended;
    while let Some(next) = next(over) {
        let in_the_way = happened.iter().find(|other| {
            !other.fault.hits_one_worker() && other.began_ms < next && other.ended_ms > over
        });
        let Some(other) = in_the_way else { break };
        over = other.ended_ms;
    }
    over
}

/// When a result was published: its entry begins with the time, in milliseconds.
fn time(result: &Published) -> Option<u64> {
    result.entry.split_once('-')?.0.parse().ok()
}

/// From its acceptance into the queue to its end.
fn waited_ms(job: &Verification) -> u64 {
    let end = job.finished_at.unwrap_or(job.enqueued_at);
    let waited = end.as_millisecond() - job.enqueued_at.as_millisecond();
    u64::try_from(waited).unwrap_or_default()
}

fn ended_well(fate: &Fate, job: &Verification) -> bool {
    match Part::of(&fate.accepted.case).map(|part| part.ending) {
        Some(Ending::Completed(verdict)) => job.verdict.as_deref() == Some(verdict),
        Some(Ending::Dead) => job.state == State::Dead && job.code.as_deref() != Some("stalled"),
        None => false,
    }
}

/// A job of the inbox has no id until it is published. Where it is not, it is offered once more: its key tells whether it is in.
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
    queue.look(id).await.expect("Redis answers")
}
