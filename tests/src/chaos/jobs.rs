//! The jobs of a run. The end of each job is known. Its number belongs to it alone, or to a few jobs, so that calls can be
//! counted by number.

use fastrand::Rng;
use serde_json::{Value, json};

use super::sharing::KINDS;
use crate::Job;

/// The required end of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Completed, with this verdict.
    Completed(&'static str),
    /// Dead, after its attempts.
    Dead,
}

/// A part of all jobs, with one sandbox case.
pub(super) struct Part {
    /// The sandbox's case.
    pub case: &'static str,
    /// In per cent of all jobs.
    share: u8,
    /// The required end of its jobs.
    pub ending: Ending,
    /// The number of attempts, where neither chance nor a fault may change it.
    pub attempts: Option<u32>,
}

const fn part(case: &'static str, share: u8, ending: Ending, attempts: Option<u32>) -> Part {
    Part {
        case,
        share,
        ending,
        attempts,
    }
}

/// Mostly plain records. Some numbers are not found, fail once, have an unreadable answer, or fail always.
pub(super) static PARTS: [Part; 5] = [
    part("000", 86, Ending::Completed("found"), Some(1)),
    part("001", 5, Ending::Completed("not_found"), Some(1)),
    // If the worker of the first call dies, the failed answer is no attempt.
    part("020", 4, Ending::Completed("found"), None),
    part("033", 3, Ending::Dead, Some(3)),
    part(OWN_LIMIT, 2, Ending::Dead, Some(MOST_ATTEMPTS)),
];

/// The case whose jobs set the number of their attempts.
const OWN_LIMIT: &str = "021";

/// The number that they set.
const MOST_ATTEMPTS: u32 = 2;

impl Part {
    /// Returns the part with that case.
    pub(super) fn of(case: &str) -> Option<&'static Self> {
        PARTS.iter().find(|part| part.case == case)
    }

    /// Returns whether one call is enough for its jobs.
    pub(super) fn is_plain(&self) -> bool {
        self.case == PARTS[0].case
    }

    /// Returns whether its jobs set the number of their attempts.
    pub(super) fn has_own_limit(&self) -> bool {
        self.case == OWN_LIMIT
    }

    fn any(rng: &mut Rng) -> &'static Self {
        let mut left = rng.u8(..100);
        let part = PARTS.iter().find(|part| {
            let here = left < part.share;
            left = left.saturating_sub(part.share);
            here
        });
        part.unwrap_or(&PARTS[0])
    }
}

/// A job that is to be enqueued.
#[derive(Clone)]
pub(super) struct Offer {
    /// Its reference, which is also its idempotency key.
    pub reference: String,
    /// The job.
    pub job: Job,
    /// Its place among the jobs of its entry path.
    pub serial: u32,
    case: &'static str,
    priority: &'static str,
}

/// Makes the jobs of one entry path of one process.
pub(super) struct Maker {
    rng: Rng,
    process: u8,
    entry_path: (u8, &'static str),
    /// The tenant that the jobs name, if any.
    tenant: Option<&'static str>,
    /// The number of consecutive jobs that share a number.
    same: u32,
    /// The case and the kind of the last number.
    about: (&'static str, &'static str),
    made: u32,
}

impl Maker {
    /// `process` and the number of the entry path are digits.
    pub(super) fn new(seed: u64, process: u8, entry_path: (u8, &'static str), same: u32) -> Self {
        let own = seed ^ (u64::from(process) << 32) ^ (u64::from(entry_path.0) << 40);
        Self {
            rng: Rng::with_seed(own),
            process,
            entry_path,
            tenant: None,
            same,
            about: (PARTS[0].case, KINDS[0]),
            made: 0,
        }
    }

    /// Makes jobs that name this tenant.
    pub(super) fn of_tenant(self, tenant: Option<&'static str>) -> Self {
        Self { tenant, ..self }
    }

    /// Returns a plain job of each kind, each with a new number.
    pub(super) fn make_plain(&mut self) -> Vec<Offer> {
        let plain = KINDS.iter().map(|kind| {
            self.about = (PARTS[0].case, kind);
            self.made = self.made.next_multiple_of(self.same);
            self.offer()
        });
        plain.collect()
    }

    /// Returns the next jobs.
    pub(super) fn make(&mut self, count: usize) -> Vec<Offer> {
        (0..count).map(|_| self.next()).collect()
    }

    fn next(&mut self) -> Offer {
        if self.made.is_multiple_of(self.same) {
            let case = Part::any(&mut self.rng).case;
            self.about = (case, KINDS[usize::from(!self.rng.bool())]);
        }
        self.offer()
    }

    fn offer(&mut self) -> Offer {
        let serial = self.made;
        self.made += 1;
        let (case, kind) = self.about;
        let priority = *self
            .rng
            .choice(&["high", "normal", "low"])
            .unwrap_or(&"low");
        let nth = serial / self.same;
        let number = format!("2{}{}{nth:05}{case}", self.process, self.entry_path.0);
        let reference = format!("{}-{}-{serial}", self.process, self.entry_path.1);
        let mut job = Job::new(kind, &number)
            .with("reference", reference.as_str())
            .with("idempotency_key", reference.as_str())
            .with("priority", priority);
        if case == OWN_LIMIT {
            job = job.with("max_attempts", MOST_ATTEMPTS);
        }
        if let Some(tenant) = self.tenant {
            job = job.with("tenant", tenant);
        }
        Offer {
            reference,
            job,
            serial,
            case,
            priority,
        }
    }
}

/// A job that was accepted, as one process reports it to the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Accepted {
    /// Its reference.
    pub reference: String,
    /// The sandbox's case.
    pub case: String,
    /// Its priority.
    pub priority: String,
    /// The name of its number in the sandbox's ledger.
    pub in_ledger: String,
    /// The whole job, as JSON text.
    pub job: String,
    /// Its tenant.
    pub tenant: String,
    /// The id that the queue returned. The inbox returns none.
    pub id: Option<String>,
    /// Whether it had been accepted before, and the answer was lost.
    pub known_before: bool,
    /// Whether every try failed, so that it is not known whether the job was accepted.
    pub unanswered: bool,
}

impl Accepted {
    /// Returns an accepted offer, with its id if there is one.
    pub(super) fn of(offer: &Offer, id: Option<String>) -> Self {
        Self {
            reference: offer.reference.clone(),
            case: offer.case.to_owned(),
            priority: offer.priority.to_owned(),
            in_ledger: offer.job.in_ledger(),
            job: offer.job.json(),
            tenant: offer.job.tenant().to_owned(),
            id,
            ..Self::default()
        }
    }

    /// Writes it as a line of text.
    pub(super) fn line(&self) -> String {
        json!({
            "reference": self.reference, "case": self.case, "priority": self.priority,
            "in_ledger": self.in_ledger, "job": self.job, "tenant": self.tenant, "id": self.id, "known_before": self.known_before, "unanswered": self.unanswered,
        })
        .to_string()
    }

    /// Reads it from a line of text.
    pub(super) fn read(line: &str) -> Option<Self> {
        let told: Value = serde_json::from_str(line).ok()?;
        let text = |field: &str| told[field].as_str().map(str::to_owned);
        Some(Self {
            reference: text("reference")?,
            case: text("case")?,
            priority: text("priority")?,
            in_ledger: text("in_ledger")?,
            job: text("job")?,
            tenant: text("tenant")?,
            id: text("id"),
            known_before: told["known_before"] == true,
            unanswered: told["unanswered"] == true,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_of_all_parts_add_up_to_a_hundred() {
        let whole: u32 = PARTS.iter().map(|part| u32::from(part.share)).sum();
        assert_eq!(whole, 100);
    }

    #[test]
    fn each_job_has_its_own_number_and_a_seed_makes_the_same_jobs() {
        let made = |seed| {
            let entry_paths = [
                (0, (0, "one")),
                (0, (1, "many")),
                (1, (0, "one")),
                (1, (1, "many")),
            ];
            let jobs = entry_paths
                .map(|(process, entry_path)| Maker::new(seed, process, entry_path, 1).make(500));
            jobs.concat()
                .iter()
                .map(|offer| Accepted::of(offer, None))
                .map(|told| (told.in_ledger, told.job))
                .collect::<Vec<_>>()
        };
        let jobs = made(1);
        let numbers: std::collections::HashSet<&String> =
            jobs.iter().map(|(number, _)| number).collect();
        assert_eq!(numbers.len(), 2_000);
        assert_eq!(jobs, made(1));
        assert_ne!(jobs, made(2));
        for part in &PARTS {
            assert!(jobs.iter().any(|(number, _)| number.ends_with(part.case)));
        }
    }

    #[test]
    fn consecutive_jobs_share_a_number_and_its_case_but_no_key() {
        let offers = Maker::new(1, 0, (1, "many"), 6).make(300);
        let jobs: Vec<Accepted> = offers
            .iter()
            .map(|offer| Accepted::of(offer, None))
            .collect();
        for row in jobs.chunks(6) {
            assert!(row.iter().all(|job| job.in_ledger == row[0].in_ledger));
            assert!(row.iter().all(|job| job.case == row[0].case));
        }
        let different = |of: fn(&Accepted) -> &str| {
            let all: std::collections::HashSet<&str> = jobs.iter().map(of).collect();
            all.len()
        };
        assert_eq!(different(|job| &job.in_ledger), 50);
        assert_eq!(different(|job| &job.reference), 300);
        assert_eq!(different(|job| &job.priority), 3);
    }

    #[test]
    fn an_accepted_job_is_the_same_after_it_was_written_and_read() {
        let offer = Maker::new(1, 0, (0, "one"), 1).make(1).remove(0);
        let mut told = Accepted::of(&offer, Some("01ABC".to_owned()));
        told.known_before = true;
        let read = Accepted::read(&told.line()).unwrap();
        assert_eq!(format!("{read:?}"), format!("{told:?}"));
        assert!(Accepted::read("nonsense").is_none());
    }
}
