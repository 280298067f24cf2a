//! The numbers of the whole queue for monitoring, read with a few commands whose cost does not grow
//! with the queue.

use std::{collections::BTreeMap, time::Duration};

use redis::{FromRedisValue, Value, streams::StreamRangeReply};

use crate::{
    Depths, Error, LimiterView, Parked, Queue, enqueue::header::Header, inspect::depths::LISTS,
    worker::progress::Progress,
};

/// The arguments of `XRANGE` for the first entry.
const FIRST: [&str; 4] = ["-", "+", "COUNT", "1"];
/// The headers and the progress of jobs.
type Heads = Vec<(Option<Vec<u8>>, Option<Vec<u8>>)>;
/// Jobs that are read at once.
const READ_AT_ONCE: usize = 100;
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The numbers of the whole queue.
#[derive(Clone, Debug)]
pub struct Gauges {
    /// The number of jobs by state.
    pub depths: Depths,
    /// The kinds that send nothing for now, and the account if it does not.
    pub parked: Vec<Parked>,
    /// The limiters of all kinds, followed by the account's.
    pub limiters: Vec<LimiterView>,
    /// The age of the oldest job of each state.
    pub oldest: Oldest,
    /// Dead jobs that will soon be deleted.
    pub expiring: Expiring,
    /// By kind and by `again`, `held` or `dead`: leases that expired because a worker died or hung.
    pub stalls: BTreeMap<(String, String), u64>,
    /// Redis' own time when this was read, in milliseconds since 1970.
    pub now_ms: i64,
}

/// How long the oldest job of each state has been there; `None` without a job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Oldest {
    /// By kind: since the acceptance of the job at the head of a ready queue.
    pub ready: BTreeMap<String, Duration>,
    /// Since it was due; zero if it is not due yet.
    pub scheduled: Option<Duration>,
    /// Since it was held.
    pub needs_decision: Option<Duration>,
    /// Since it died.
    pub dead: Option<Duration>,
    /// Since it was added.
    pub inbox: Option<Duration>,
    /// How far the results stream reaches back.
    pub results: Option<Duration>,
}

/// Dead jobs whose retention ends soon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expiring {
    /// The number that will be deleted within 24 hours, or within the last tenth of the retention
    /// if that is shorter.
    pub jobs: u64,
    /// The time until the first dead job is deleted; `None` without dead jobs.
    pub first_in: Option<Duration>,
}

impl Queue {
    /// Reads the numbers of the whole queue for these kinds.
    pub async fn gauges(&self, kinds: &[&str]) -> Result<Gauges, Error> {
        let depths = self.depths(kinds).await?;
        let limiters = self.limiters_of(kinds, &depths).await?;
        let expiring = self.expiring().await?;
        let (now_ms, oldest, stalls) = self.oldest(kinds).await?;
        Ok(Gauges {
            depths,
            parked: limiters.iter().filter_map(parked).collect(),
            limiters,
            oldest,
            expiring,
            stalls,
            now_ms,
        })
    }

    /// Returns which dead jobs will soon be deleted.
    pub async fn expiring(&self) -> Result<Expiring, Error> {
        let keep = self.config().keep_dead;
        let soon = DAY.min(keep / 10);
        let now = self.now_ms().await?;
        let dead = self.key("dead");
        let over_by = now.saturating_sub(ms(keep - soon));
        let (jobs, first): (u64, Vec<(String, f64)>) = redis::pipe()
            .zcount(&dead, "-inf", over_by)
            .zrange_withscores(&dead, 0, 0)
            .query_async(&mut self.connection())
            .await?;
        let first_in = first
            .first()
            .map(|(_, died)| since(*died as i64 + ms(keep), now));
        Ok(Expiring { jobs, first_in })
    }

    /// Returns how many of the newest dead jobs died of each code, by kind and code, and how many were looked at.
    pub async fn dead_by_code(
        &self,
        at_most: usize,
    ) -> Result<(BTreeMap<(String, String), u64>, usize), Error> {
        let last = isize::try_from(at_most).unwrap_or(isize::MAX) - 1;
        let ask = redis::Cmd::zrevrange(self.key("dead"), 0, last);
        let ids: Vec<String> = ask.query_async(&mut self.connection()).await?;
        let mut codes = BTreeMap::<(String, String), u64>::new();
        let mut looked_at = 0;
        for some in ids.chunks(READ_AT_ONCE) {
            let mut ask = redis::pipe();
            for id in some {
                let key = self.key(&format!("job:{id}"));
                ask.cmd("HMGET").arg(key).arg(&["header", "progress"]);
            }
            let fields: Heads = ask.query_async(&mut self.connection()).await?;
            for (header, progress) in fields {
                let header = header.and_then(|text| serde_json::from_slice::<Header>(&text).ok());
                let progress = Progress::read(&progress.unwrap_or_default());
                let (Some(header), Some(progress)) = (header, progress) else {
                    continue;
                };
                looked_at += 1;
                let code = progress.code.unwrap_or_default();
                *codes.entry((header.kind, code)).or_default() += 1;
            }
        }
        Ok((codes, looked_at))
    }

    async fn oldest(
        &self,
        kinds: &[&str],
    ) -> Result<(i64, Oldest, BTreeMap<(String, String), u64>), Error> {
        let mut ask = redis::pipe();
        ask.cmd("TIME");
        ask.zrange_withscores(self.key("scheduled"), 0, 0);
        ask.zrange_withscores(self.key("dead"), 0, 0);
        ask.zrange_withscores(self.key("needs_decision"), 0, 0);
        let results = self.key("results");
        ask.cmd("XRANGE").arg(results).arg(&FIRST);
        ask.hgetall(self.key("stalls"));
        for kind in kinds {
            for list in LISTS {
                ask.zrange(self.key(&format!("ready:{kind}:{list}")), 0, 0);
            }
        }
        let streams = self.inbox_streams().await?;
        for stream in &streams {
            ask.cmd("XRANGE").arg(self.key(stream)).arg(&FIRST);
        }
        let mut answers: Vec<Value> = ask.query_async(&mut self.connection()).await?;
        let inboxes = answers.split_off(answers.len().saturating_sub(streams.len()));
        let mut answers = answers.into_iter();
        let mut next = || answers.next().unwrap_or(Value::Nil);
        let (seconds, micros): (i64, i64) = read(next())?;
        let now = seconds * 1000 + micros / 1000;
        let score = |value: Value| -> Result<Option<Duration>, Error> {
            let first: Vec<(String, f64)> = read(value)?;
            Ok(first.first().map(|(_, at)| since(now, *at as i64)))
        };
        let (scheduled, dead, needs_decision) = (score(next())?, score(next())?, score(next())?);
        let first_entry = |value: Value| -> Result<Option<Duration>, Error> {
            let entries: StreamRangeReply = read(value)?;
            let first = entries.ids.first().and_then(|entry| {
                let (ms, _) = entry.id.split_once('-')?;
                Some(since(now, ms.parse().ok()?))
            });
            Ok(first)
        };
        let results = first_entry(next())?;
        let mut inbox = None;
        for entries in inboxes {
            inbox = inbox.max(first_entry(entries)?);
        }
        let stalls: BTreeMap<String, u64> = read(next())?;
        let first = |value| Ok(read::<Vec<String>>(value)?.pop());
        let heads: Vec<Option<String>> = answers.map(first).collect::<Result<_, Error>>()?;
        let oldest = Oldest {
            ready: self.heads(kinds, &heads, now).await?,
            scheduled,
            needs_decision,
            dead,
            inbox,
            results,
        };
        let by_end = |(field, count): (String, u64)| {
            let (kind, end) = field.split_once(' ')?;
            Some(((kind.to_owned(), end.to_owned()), count))
        };
        Ok((now, oldest, stalls.into_iter().filter_map(by_end).collect()))
    }

    /// Returns the age of the oldest job at the head of a ready queue of each kind.
    async fn heads(
        &self,
        kinds: &[&str],
        heads: &[Option<String>],
        now: i64,
    ) -> Result<BTreeMap<String, Duration>, Error> {
        let of_kind = kinds.iter().zip(heads.chunks(LISTS.len()));
        let jobs: Vec<(&str, &String)> = of_kind
            .flat_map(|(kind, heads)| heads.iter().flatten().map(|id| (*kind, id)))
            .collect();
        let mut ages = BTreeMap::new();
        if jobs.is_empty() {
            return Ok(ages);
        }
        let mut ask = redis::pipe();
        for (_, id) in &jobs {
            ask.cmd("HMGET")
                .arg(self.key(&format!("job:{id}")))
                .arg(&["header", "progress"]);
        }
        let heads: Heads = ask.query_async(&mut self.connection()).await?;
        for ((kind, _), (header, progress)) in jobs.iter().zip(heads) {
            let ended = Progress::read(&progress.unwrap_or_default())
                .is_some_and(|progress| progress.state.is_some());
            let header = header.and_then(|header| serde_json::from_slice::<Header>(&header).ok());
            let header = header.filter(|_| !ended);
            // A job that was cancelled or deleted while it waited has no age.
            let Some(age) = header.map(|header| since(now, header.enqueued)) else {
                continue;
            };
            let oldest: &mut Duration = ages.entry((*kind).to_owned()).or_default();
            *oldest = age.max(*oldest);
        }
        Ok(ages)
    }
}

fn parked(limiter: &LimiterView) -> Option<Parked> {
    Some(Parked::new(&limiter.scope, limiter.closed.clone()?))
}

fn read<T: FromRedisValue>(value: Value) -> Result<T, Error> {
    let value = value.extract_error()?;
    T::from_redis_value(value).map_err(|error| Error::from(redis::RedisError::from(error)))
}

fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Returns the time from `earlier` to `later`, in milliseconds since 1970, or zero if `later` is
/// not later.
fn since(later: i64, earlier: i64) -> Duration {
    Duration::from_millis(u64::try_from(later.saturating_sub(earlier)).unwrap_or_default())
}
