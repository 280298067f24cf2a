//! The state of the queue: counts by state and by minute, parked kinds, and workers with their
//! leases.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    ACCOUNT, AboutWorker, Closed, Error, Queue,
    worker::{about_key, session::Session},
};

/// The ready queues of a kind: one for each priority, one for quarantined jobs, and one for
/// deferred jobs, whose answer closed their kind.
pub(crate) const LISTS: [&str; 5] = ["high", "normal", "low", "quarantined", "deferred"];
/// The lists of a kind's jobs that need no call: followers, and jobs whose answer exists and that
/// wait for a worker.
pub(crate) const FOLLOWING: [&str; 2] = ["coalesced", "cached"];

/// Returns all lists in which jobs of a kind wait; those without a call come last.
pub(crate) fn waiting_lists() -> impl Iterator<Item = &'static str> {
    LISTS.into_iter().chain(FOLLOWING)
}

/// The number of jobs in each state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Depths {
    /// Ready, by kind.
    pub ready: BTreeMap<String, u64>,
    /// Followers and jobs with a cached answer, which need no call.
    pub coalesced: u64,
    /// Waiting for a time.
    pub scheduled: u64,
    /// Held for a decision, since a call may have been billed.
    pub needs_decision: u64,
    /// Leased to workers.
    pub running: u64,
    /// Completed and retained.
    pub completed: u64,
    /// Dead and retained.
    pub dead: u64,
    /// Cancelled and retained.
    pub cancelled: u64,
    /// In the inbox, not accepted yet.
    pub inbox: u64,
    /// Rejected entries of the inbox.
    pub rejected: u64,
    /// Workers that count as alive.
    pub workers: u64,
}

/// A kind, or the account, that sends nothing for now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parked {
    /// The kind; `account` for all kinds.
    pub kind: String,
    /// `retry_after`, `throttled`, `circuit_open`, `key_refused`, `wallet_empty`, `daily_quota`, or
    /// `paused` if a person paused it.
    pub reason: String,
    /// When it opens again, in milliseconds since 1970; `None` if it stays closed until it is
    /// resumed.
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

/// The counts of one minute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Minute {
    /// When it began.
    pub at: Timestamp,
    /// By name: `accepted KIND`, `completed KIND VERDICT`, `failed KIND CLASS`, `calls KIND`, `dead
    /// KIND`, `cancelled KIND`, `stalled KIND`, `held KIND` (held for a decision), `saved KIND`
    /// (completed without a call). Counts of zero are left out.
    pub counts: BTreeMap<String, u64>,
}

/// A worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WorkerView {
    /// Its name.
    pub name: String,
    /// Until when it counts as alive without another heartbeat.
    pub alive_until: Timestamp,
    /// Whether it sent no heartbeat in time, so that other workers get its jobs.
    pub lost: bool,
    /// The number of its leases.
    pub held: u64,
    /// What it told of itself, if it is of a version that does so.
    #[serde(flatten)]
    pub about: Option<AboutWorker>,
}

fn number(text: Option<&str>) -> u64 {
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}

impl Queue {
    /// Returns the number of jobs of these kinds in each state.
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
        let streams = self.inbox_streams().await?;
        for stream in &streams {
            ask.cmd("XLEN").arg(self.key(stream));
        }
        let counts: Vec<u64> = ask.query_async(&mut self.connection()).await?;
        let (counts, inboxes) = counts.split_at(counts.len().saturating_sub(streams.len()));
        let (sets, lists) = counts.split_at(7);
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
            inbox: inboxes.iter().sum(),
            rejected: sets[6],
        })
    }

    /// Returns the sessions of all workers that may have leases, with the time until which they
    /// count as alive.
    pub(crate) async fn sessions(&self) -> Result<Vec<(String, i64)>, Error> {
        let ask = redis::Cmd::zrange_withscores(self.key("workers"), 0, -1);
        let sessions: Vec<(String, f64)> = ask.query_async(&mut self.connection()).await?;
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
        let whole = |(name, until): (String, f64)| (name, until as i64);
        Ok(sessions.into_iter().map(whole).collect())
    }

    /// Returns all workers with the number of their leases.
    pub async fn workers(&self) -> Result<Vec<WorkerView>, Error> {
        let now = self.now_ms().await?;
        let sessions = self.sessions().await?;
        if sessions.is_empty() {
            // Redis does not accept an empty pipeline.
            return Ok(Vec::new());
        }
        let mut ask = redis::pipe();
        for (session, _) in &sessions {
            ask.hlen(self.key(&format!("leases:{session}")));
            ask.get(self.key(&about_key(session)));
        }
        let told: Vec<Option<String>> = ask.query_async(&mut self.connection()).await?;
        let told = told.chunks_exact(2);
        let view = |((session, until), told): ((String, i64), &[Option<String>])| WorkerView {
            name: Session::worker(&session).to_owned(),
            alive_until: Timestamp::from_millisecond(until).unwrap_or_default(),
            lost: until < now,
            held: number(told[0].as_deref()),
            about: told[1]
                .as_deref()
                .and_then(|about| serde_json::from_str(about).ok()),
        };
        Ok(sessions.into_iter().zip(told).map(view).collect())
    }

    /// Returns which of these kinds, and whether the account, are parked, with the reason and the
    /// end.
    pub async fn parked(&self, kinds: &[&str]) -> Result<Vec<Parked>, Error> {
        let now = Timestamp::from_millisecond(self.now_ms().await?).unwrap_or_default();
        let limiters = self.read_limiters(kinds).await?;
        let scopes = kinds.iter().copied().chain([ACCOUNT]).zip(limiters);
        let parked =
            scopes.filter_map(|(scope, limiter)| Some(Parked::new(scope, limiter.closed(now)?)));
        Ok(parked.collect())
    }

    /// Returns the counts of the last minutes, oldest first; the last one is the current minute. At
    /// most two days are retained.
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
