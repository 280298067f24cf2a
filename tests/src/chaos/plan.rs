//! The plan of faults, which depends on the seed alone.

use std::{fmt, str::FromStr, time::Duration};

use fastrand::Rng;

/// A fault that can be injected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fault {
    /// A worker is killed (SIGKILL) and started again.
    Kill,
    /// A worker is frozen (SIGSTOP) for longer than its lease, then continues (SIGCONT).
    Stop,
    /// Redis is killed (SIGKILL) and started again, on the same port and files.
    RedisRestart,
    /// Redis is frozen for up to 5 s.
    RedisHang,
    /// All connections of the workers to Redis are cut, and no new one is accepted for up to 10 s.
    Cut,
    /// A script of a worker, or of a process that enqueues, is executed. Its reply is lost with the connection.
    LoseReply,
    /// The blob store cannot be written.
    BlobFail,
    /// The provider answers in a shape that the workers cannot read. They get a setting for it once all faults are over.
    OddAnswer,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 8] = [
        Self::Kill,
        Self::Stop,
        Self::RedisRestart,
        Self::RedisHang,
        Self::Cut,
        Self::LoseReply,
        Self::BlobFail,
        Self::OddAnswer,
    ];

    /// Returns its name on the command line and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Stop => "stop",
            Self::RedisRestart => "redis-restart",
            Self::RedisHang => "redis-hang",
            Self::Cut => "cut",
            Self::LoseReply => "lose-reply",
            Self::BlobFail => "blob-fail",
            Self::OddAnswer => "odd-answer",
        }
    }

    /// Returns whether it hits at most one worker. Other faults hit all.
    pub fn hits_one_worker(self) -> bool {
        matches!(self, Self::Kill | Self::Stop | Self::LoseReply)
    }

    /// Returns whether the plan chooses the worker that it hits.
    fn chooses_a_worker(self) -> bool {
        matches!(self, Self::Kill | Self::Stop)
    }

    /// Returns its shortest and its longest duration, in milliseconds.
    fn lasts(self, lease: Duration) -> (u64, u64) {
        let lease = u64::try_from(lease.as_millis()).unwrap_or(u64::MAX / 8);
        match self {
            Self::Kill => (0, 1_000),
            Self::Stop => (lease * 3 / 2, lease * 3),
            Self::RedisRestart => (0, 2_000),
            Self::RedisHang => (500, 5_000),
            Self::Cut => (500, 10_000),
            Self::LoseReply => (500, 500),
            Self::BlobFail => (1_000, 8_000),
            Self::OddAnswer => (200, 1_500),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The faults of a run, written as `kill,cut`, `all` or `none`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl FromStr for Faults {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = || Fault::ALL.map(Fault::as_str).join(", ");
        let fault = |name: &str| {
            let fault = Fault::ALL.into_iter().find(|fault| fault.as_str() == name);
            fault.ok_or_else(|| format!("unknown fault {name:?}: use {}, all or none", known()))
        };
        match text.trim() {
            "all" => Ok(Self(Fault::ALL.to_vec())),
            "none" => Ok(Self(Vec::new())),
            names => names.split(',').map(str::trim).map(fault).collect(),
        }
    }
}

impl FromIterator<Fault> for Faults {
    /// Collects each fault once, in the order of [`Fault::ALL`].
    fn from_iter<I: IntoIterator<Item = Fault>>(faults: I) -> Self {
        let mut faults: Vec<Fault> = faults.into_iter().collect();
        faults.sort_unstable();
        faults.dedup();
        Self(faults)
    }
}

/// A planned fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The time after the start.
    pub at: Duration,
    /// The fault.
    pub fault: Fault,
    /// Its duration.
    pub lasts: Duration,
    /// The worker that it hits, if the plan chooses one.
    pub worker: Option<usize>,
}

/// The earliest time of the first fault, in milliseconds.
const FIRST: u64 = 1_000;
/// The shortest and the longest time between the beginnings of two faults, in milliseconds. In a run of less than 40 s, the
/// longest is a tenth of the run.
const PAUSE: (u64, u64) = (500, 4_000);
/// The shortest time between two faults that hit the same part, in milliseconds.
const APART: u64 = 500;

/// Plans the faults of a run, ordered by time. Faults may overlap, but not on the same part: a worker, Redis, the
/// connections, the blob store or the provider. All faults end within `seconds`. Each fault has its turn before one is
/// repeated.
pub fn plan(
    seed: u64,
    seconds: u64,
    faults: &Faults,
    workers: usize,
    lease: Duration,
) -> Vec<Planned> {
    let mut rng = Rng::with_seed(seed);
    let end = seconds * 1_000;
    // A short run has shorter faults, closer together, so that there is time for each.
    let longest = (end / 4).max(500);
    // The times from which each worker, Redis, the connections, the blob store and the provider are free again.
    let mut free = vec![0; workers + 4];
    let (mut planned, mut deck, mut now) = (Vec::new(), Vec::new(), FIRST);
    while now < end && workers > 0 {
        if deck.is_empty() {
            deck.clone_from(&faults.0);
            rng.shuffle(&mut deck);
        }
        let Some(fault) = deck.pop() else { break };
        let worker = fault.chooses_a_worker().then(|| rng.usize(..workers));
        let (shortest, most) = fault.lasts(lease);
        let lasts = rng.u64(shortest..=most.min(longest.max(shortest)));
        let hit = match (worker, fault) {
            (Some(worker), _) => worker,
            (None, Fault::Cut | Fault::LoseReply) => workers + 1,
            (None, Fault::BlobFail) => workers + 2,
            (None, Fault::OddAnswer) => workers + 3,
            (None, _) => workers,
        };
        let at = now.max(free[hit]);
        if at + lasts <= end {
            free[hit] = at + lasts + APART;
            planned.push(Planned {
                at: Duration::from_millis(at),
                fault,
                lasts: Duration::from_millis(lasts),
                worker,
            });
        }
        now += rng.u64(PAUSE.0..=PAUSE.1.min((end / 10).max(PAUSE.0)));
    }
    planned.sort_by_key(|planned| planned.at);
    planned
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE: Duration = Duration::from_secs(2);

    fn all() -> Faults {
        "all".parse().unwrap()
    }

    #[test]
    fn the_seed_determines_the_plan() {
        let one = plan(7, 60, &all(), 4, LEASE);
        assert_eq!(one, plan(7, 60, &all(), 4, LEASE));
        assert_ne!(one, plan(8, 60, &all(), 4, LEASE));
        assert!(one.len() > 12, "{}", one.len());
        assert!(plan(7, 60, &"none".parse().unwrap(), 4, LEASE).is_empty());
    }

    #[test]
    fn every_fault_happens_ends_in_time_and_hits_a_part_without_another_fault() {
        for seed in 0..200 {
            for seconds in [20, 60] {
                let planned = plan(seed, seconds, &all(), 3, LEASE);
                let kinds: std::collections::BTreeSet<Fault> =
                    planned.iter().map(|planned| planned.fault).collect();
                assert_eq!(kinds.len(), Fault::ALL.len(), "seed {seed}: {kinds:?}");
                let end = Duration::from_secs(seconds);
                let what = |fault| match fault {
                    Fault::Cut | Fault::LoseReply => 1,
                    Fault::BlobFail => 2,
                    Fault::OddAnswer => 3,
                    _ => 0,
                };
                let hit = |planned: &Planned| (planned.worker, what(planned.fault));
                for (position, one) in planned.iter().enumerate() {
                    assert!(one.at + one.lasts <= end, "seed {seed}");
                    assert_eq!(one.worker.is_some(), one.fault.chooses_a_worker());
                    assert!(one.fault != Fault::Stop || one.lasts > LEASE);
                    let later = planned[position + 1..]
                        .iter()
                        .find(|later| hit(later) == hit(one));
                    assert!(
                        later.is_none_or(|later| later.at > one.at + one.lasts),
                        "seed {seed}"
                    );
                }
            }
        }
    }

    #[test]
    fn faults_are_parsed_by_name() {
        assert_eq!(
            "cut, kill,cut".parse(),
            Ok(Faults(vec![Fault::Kill, Fault::Cut]))
        );
        assert_eq!("none".parse(), Ok(Faults(Vec::new())));
        let error = "kill,flood".parse::<Faults>().unwrap_err();
        assert_eq!(
            error,
            "unknown fault \"flood\": use kill, stop, redis-restart, redis-hang, cut, lose-reply, blob-fail, odd-answer, all or none"
        );
    }
}
