//! The jobs of a run: each with a known end, and with a number of its own, or of few, so that the calls for it can be counted.

use fastrand::Rng;
use serde_json::{Value, json};

use super::sharing::KINDS;
use crate::Job;

/// How a job must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Completed, with this verdict.
    Completed(&'static str),
    /// Dead, after its attempts.
    Dead,
}

/// A share of all jobs.
pub(super) struct Part {
    /// The sandbox's case.
    pub case: &'static str,
    /// In hundred.
    share: u8,
    /// How it must end.
    pub ending: Ending,
    /// Its attempts, where neither luck nor a fault may change their number.
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

/// Mainly plain records; some that are not there, fail once, cannot be read, or fail always.
pub(super) static PARTS: [Part; 5] = [
    part("000", 86, Ending::Completed("found"), Some(1)),
    part("001", 5, Ending::Completed("not_found"), Some(1)),
    // The first call may be one whose worker died, and is then not the attempt that failed.
    part("020", 4, Ending::Completed("found"), None),
    part("033", 3, Ending::Dead, Some(3)),
    part(OWN_LIMIT, 2, Ending::Dead, Some(MOST_ATTEMPTS)),
];

/// The case whose jobs say how often they are tried.
const OWN_LIMIT: &str = "021";

/// How often that is.
const MOST_ATTEMPTS: u32 = 2;

impl Part {
    /// The part of a case.
    pub(super) fn of(case: &str) -> Option<&'static Self> {
        PARTS.iter().find(|part| part.case == case)
    }

    /// Whether one call answers it.
    pub(super) fn is_plain(&self) -> bool {
        self.case == PARTS[0].case
    }

    /// Whether its jobs say themselves how often they are tried.
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

/// A job on its way into the queue.
#[derive(Clone)]
pub(super) struct Offer {
    /// Its reference, which is its idempotency key as well.
    pub reference: String,
    /// What is asked.
    pub job: Job,
    case: &'static str,
    priority: &'static str,
}

/// Makes the jobs of one door of one process.
pub(super) struct Maker {
    rng: Rng,
    process: u8,
    door: (u8, &'static str),
    /// So many in a row share a number.
    same: u32,
    /// Case and kind of the last number.
    about: (&'static str, &'static str),
    made: u32,
}

impl Maker {
    /// `process` and the door's number are digits.
    pub(super) fn new(seed: u64, process: u8, door: (u8, &'static str), same: u32) -> Self {
        let own = seed ^ (u64::from(process) << 32) ^ (u64::from(door.0) << 40);
        Self {
            rng: Rng::with_seed(own),
            process,
            door,
            same,
            about: (PARTS[0].case, KINDS[0]),
            made: 0,
        }
    }

    /// A plain job of each kind, with a number that none before has.
    pub(super) fn make_plain(&mut self) -> Vec<Offer> {
        let plain = KINDS.iter().map(|kind| {
            self.about = (PARTS[0].case, kind);
            self.made = self.made.next_multiple_of(self.same);
            self.offer()
        });
        plain.collect()
    }

    /// The next jobs.
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
        let number = format!("2{}{}{nth:05}{case}", self.process, self.door.0);
        let reference = format!("{}-{}-{serial}", self.process, self.door.1);
        let mut job = Job::new(kind, &number)
            .with("reference", reference.as_str())
            .with("idempotency_key", reference.as_str())
            .with("priority", priority);
        if case == OWN_LIMIT {
            job = job.with("max_attempts", MOST_ATTEMPTS);
        }
        Offer {
            reference,
            job,
            case,
            priority,
        }
    }
}

/// A job that was accepted, as one process tells the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Accepted {
    /// Its reference.
    pub reference: String,
    /// The sandbox's case.
    pub case: String,
    /// Its priority.
    pub priority: String,
    /// How the sandbox's ledger names it.
    pub in_ledger: String,
    /// The whole job, as JSON text.
    pub job: String,
    /// The id that was answered; the inbox answers none.
    pub id: Option<String>,
    /// It had been accepted before, and that answer was lost.
    pub known_before: bool,
    /// Every try failed, until patience was over: nobody knows whether it is in.
    pub unanswered: bool,
}

impl Accepted {
    /// An offer that was answered, with the id where one was given.
    pub(super) fn of(offer: &Offer, id: Option<String>) -> Self {
        Self {
            reference: offer.reference.clone(),
            case: offer.case.to_owned(),
            priority: offer.priority.to_owned(),
            in_ledger: offer.job.in_ledger(),
            job: offer.job.json(),
            id,
            ..Self::default()
        }
    }

    /// As a line of text.
    pub(super) fn line(&self) -> String {
        json!({
            "reference": self.reference, "case": self.case, "priority": self.priority,
            "in_ledger": self.in_ledger, "job": self.job, "id": self.id, "known_before": self.known_before, "unanswered": self.unanswered,
        })
        .to_string()
    }

    /// From a line of text.
    pub(super) fn read(line: &str) -> Option<Self> {
        let told: Value = serde_json::from_str(line).ok()?;
        let text = |field: &str| told[field].as_str().map(str::to_owned);
        Some(Self {
            reference: text("reference")?,
            case: text("case")?,
            priority: text("priority")?,
            in_ledger: text("in_ledger")?,
            job: text("job")?,
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
    fn the_parts_are_the_whole() {
        let whole: u32 = PARTS.iter().map(|part| u32::from(part.share)).sum();
        assert_eq!(whole, 100);
    }

    #[test]
    fn each_job_has_a_number_of_its_own_and_a_seed_makes_the_same_jobs() {
        let made = |seed| {
            let doors = [
                (0, (0, "one")),
                (0, (1, "many")),
                (1, (0, "one")),
                (1, (1, "many")),
            ];
            let jobs = doors.map(|(process, door)| Maker::new(seed, process, door, 1).make(500));
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
    fn so_many_in_a_row_share_a_number_and_its_case_and_no_two_a_key() {
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
    fn what_one_process_tells_the_other_understands() {
        let offer = Maker::new(1, 0, (0, "one"), 1).make(1).remove(0);
        let mut told = Accepted::of(&offer, Some("01ABC".to_owned()));
        told.known_before = true;
        let read = Accepted::read(&told.line()).unwrap();
        assert_eq!(format!("{read:?}"), format!("{told:?}"));
        assert!(Accepted::read("nonsense").is_none());
    }
}
