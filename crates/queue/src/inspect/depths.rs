//! How the queue stands: counts by state and by minute, parked kinds, workers and what they hold.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::{ACCOUNT, Closed, Error, Queue, worker::session::Session};

/// The lists in which the jobs of a kind are ready: one for each priority, one for those that may have brought
/// their workers down, and one for those that an answer told to stop.
pub(crate) const LISTS: [&str; 5] = ["high", "normal", "low", "quarantined", "deferred"];
/// Where jobs of a kind wait that need no call: for the answer of another one, and for a worker once it is there.
pub(crate) const FOLLOWING: [&str; 2] = ["coalesced", "cached"];

/// Where jobs of a kind wait, those that need no call last.
pub(crate) fn waiting_lists() -> impl Iterator<Item = &'static str> {
    LISTS.into_iter().chain(FOLLOWING)
}

/// How many jobs are in which state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Depths {
    /// Ready to be sent, by kind.
    pub ready: BTreeMap<String, u64>,
    /// Waiting for the answer to what another job asks as well: they need no call.
    pub coalesced: u64,
    /// Waiting for their time.
    pub scheduled: u64,
    /// Waiting for a person, since a call may have been billed.
    pub needs_decision: u64,
    /// With a worker.
    pub running: u64,
    /// Completed and kept.
    pub completed: u64,
    /// Dead and kept.
    pub dead: u64,
    /// Called off and kept.
    pub cancelled: u64,
    /// In the inbox, not yet accepted.
    pub inbox: u64,
    /// Refused from the inbox.
    pub rejected: u64,
    /// Workers that live.
    pub workers: u64,
}

/// A kind that sends nothing for now, or the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parked {
    /// Which; `account` for all of them.
    pub kind: String,
    /// `retry_after`, `throttled`, `circuit_open`, `key_refused`, `wallet_empty`, `daily_quota`, or `paused` by a person.
    pub reason: String,
    /// Until when, in milliseconds since 1970; `None` until a person resumes it.
    pub until_ms: Option<i64>,
}

impl Parked {
    pub(crate) fn new(scope: &str, closed: Closed) -> Self {
        Self {
            kind: scope.to_owned(),
            reason: closed.reason,
            until_ms: closed.until.map(Timestamp::as_millisecond),
        }
    }
}

/// What happened within one minute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Minute {
    /// When it began.
    pub at: Timestamp,
    /// By name: `accepted KIND`, `completed KIND VERDICT`, `failed KIND CLASS`, `calls KIND`, `dead KIND`,
    /// `cancelled KIND`, `stalled KIND`, `asked KIND`, `saved KIND` (completed without a call). What did not happen is
    /// left out.
    pub counts: BTreeMap<String, u64>,
}

/// A worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WorkerView {
    /// Its name.
    pub name: String,
    /// Until when it counts as alive without another sign of life.
    pub alive_until: Timestamp,
    /// It gave none in time: what it holds goes to others.
    pub lost: bool,
    /// Jobs it holds.
    pub held: u64,
}

impl Queue {
    /// How many jobs are in which state, of these kinds.
    pub async fn depths(&self, kinds: &[&str]) -> Result<Depths, Error> {
        let now = self.now_ms().await?;
        let sessions: Vec<String> = self
            .sessions()
            .await?
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        let mut ask = redis::pipe();
        for set in [
            "scheduled",
            "completed",
            "dead",
            "cancelled",
            "needs_decision",
        ] {
            ask.zcard(self.key(set));
        }
        ask.zcount(self.key("workers"), now, "+inf");
        ask.cmd("XLEN").arg(self.key("inbox"));
        ask.cmd("XLEN").arg(self.key("inbox:rejected"));
        for kind in kinds {
            for list in LISTS {
                ask.zcard(self.key(&format!("ready:{kind}:{list}")));
            }
        }
        for kind in kinds {
            for list in FOLLOWING {
                ask.zcard(self.key(&format!("ready:{kind}:{list}")));
            }
        }
        for session in &sessions {
            ask.hlen(self.key(&format!("leases:{session}")));
        }
        let counts: Vec<u64> = ask.query_async(&mut self.connection()).await?;
        let (sets, lists) = counts.split_at(8);
        let (ready, lists) = lists.split_at(kinds.len() * LISTS.len());
        let (following, held) = lists.split_at(kinds.len() * FOLLOWING.len());
        let by_kind = kinds.iter().zip(ready.chunks(LISTS.len()));
        let all = |(kind, lengths): (&&str, &[u64])| ((*kind).to_owned(), lengths.iter().sum());
        Ok(Depths {
            ready: by_kind.map(all).collect(),
            coalesced: following.iter().sum(),
            running: held.iter().sum(),
            scheduled: sets[0],
            completed: sets[1],
            dead: sets[2],
            cancelled: sets[3],
            needs_decision: sets[4],
            workers: sets[5],
            inbox: sets[6],
            rejected: sets[7],
        })
    }

    /// The sessions of all workers that may hold jobs, with the time until which they count as alive.
    pub(crate) async fn sessions(&self) -> Result<Vec<(String, i64)>, Error> {
        let ask = redis::Cmd::zrange_withscores(self.key("workers"), 0, -1);
        let sessions: Vec<(String, f64)> = ask.query_async(&mut self.connection()).await?;
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
        let whole = |(name, until): (String, f64)| (name, until as i64);
        Ok(sessions.into_iter().map(whole).collect())
    }

    /// All workers, and how many jobs they hold.
    pub async fn workers(&self) -> Result<Vec<WorkerView>, Error> {
        let now = self.now_ms().await?;
        let sessions = self.sessions().await?;
        if sessions.is_empty() {
            // Nothing cannot be asked.
            return Ok(Vec::new());
        }
        let mut ask = redis::pipe();
        for (session, _) in &sessions {
            ask.hlen(self.key(&format!("leases:{session}")));
        }
        let held: Vec<u64> = ask.query_async(&mut self.connection()).await?;
        let view = |((session, until), held): ((String, i64), u64)| WorkerView {
            name: Session::worker(&session).to_owned(),
            alive_until: Timestamp::from_millisecond(until).unwrap_or_default(),
            lost: until < now,
            held,
        };
        Ok(sessions.into_iter().zip(held).map(view).collect())
    }

    /// Which of these kinds are parked, why and until when; and whether the account is.
    pub async fn parked(&self, kinds: &[&str]) -> Result<Vec<Parked>, Error> {
        let now = Timestamp::from_millisecond(self.now_ms().await?).unwrap_or_default();
        let limiters = self.read_limiters(kinds).await?;
        let scopes = kinds.iter().copied().chain([ACCOUNT]).zip(limiters);
        let parked =
            scopes.filter_map(|(scope, limiter)| Some(Parked::new(scope, limiter.closed(now)?)));
        Ok(parked.collect())
    }

    /// What happened in each of the last minutes, oldest first; the present one is the last. At most two days are kept.
    pub async fn minutes(&self, at_most: u32) -> Result<Vec<Minute>, Error> {
        const MINUTE: i64 = 60_000;
        let last = self.now_ms().await? / MINUTE;
        let minutes = last - i64::from(at_most.clamp(1, 48 * 60)) + 1..=last;
        let mut ask = redis::pipe();
        for minute in minutes.clone() {
            ask.hgetall(self.key(&format!("minute:{minute}")));
        }
        let counts: Vec<BTreeMap<String, u64>> = ask.query_async(&mut self.connection()).await?;
        let view = |(minute, counts): (i64, BTreeMap<String, u64>)| Minute {
            at: Timestamp::from_millisecond(minute * MINUTE).unwrap_or_default(),
            counts,
        };
        Ok(minutes.zip(counts).map(view).collect())
    }
}
