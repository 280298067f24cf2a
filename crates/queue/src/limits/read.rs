//! Setting limits, and reading the state of limiters.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{
    Depths, Error, Queue,
    limits::{ACCOUNT, Ahead, Limiter, LimiterView, Limits, observed_interval},
    script,
};

type Fields = BTreeMap<String, String>;
/// The counts of one minute.
pub(crate) type Counts = BTreeMap<String, u64>;

/// Past minutes from which the recent speed of calls is computed.
const LATELY: u32 = 5;

impl Queue {
    /// Sets all limits of a kind, or of the account with [`ACCOUNT`], for all workers at once.
    /// Calls under way and slots that were granted before are not affected.
    ///
    /// # Errors
    ///
    /// [`Error::Limit`] if a limit is out of range.
    pub async fn set_limits(&self, scope: &str, limits: &Limits) -> Result<(), Error> {
        let now = Timestamp::from_millisecond(self.now_ms().await?).unwrap_or_default();
        let fields = limits.to_fields(now)?;
        self.run(&script::LIMIT, |call| {
            call.arg(scope);
            for (name, value) in &fields {
                call.arg(name).arg(value);
            }
        })
        .await
    }

    /// Returns the limits of a kind, or of the account.
    pub async fn limits(&self, scope: &str) -> Result<Limits, Error> {
        let ask = redis::Cmd::hgetall(self.key(&format!("limiter:{scope}")));
        let fields: Fields = ask.query_async(&mut self.connection()).await?;
        Ok(Limits::read(&fields))
    }

    /// Returns the state of these kinds' limiters, followed by the account's.
    pub async fn limiters(&self, kinds: &[&str]) -> Result<Vec<LimiterView>, Error> {
        let depths = self.depths(kinds).await?;
        self.limiters_of(kinds, &depths).await
    }

    /// Like [`Queue::limiters`], with depths that were read before.
    pub(crate) async fn limiters_of(
        &self,
        kinds: &[&str],
        depths: &Depths,
    ) -> Result<Vec<LimiterView>, Error> {
        let now = Timestamp::from_millisecond(self.now_ms().await?).unwrap_or_default();
        let minutes = self.lately().await?;
        let limiters = self.read_limiters(kinds).await?;
        let open = Limiter::read(&Fields::new());
        let (account, of_kinds) = limiters.split_last().unwrap_or((&open, &[]));
        let mut views = Vec::with_capacity(limiters.len());
        for (kind, limiter) in kinds.iter().zip(of_kinds) {
            let waiting = depths.ready.get(*kind).copied().unwrap_or_default();
            let observed = observed_interval(kind, &minutes);
            let last = waiting.checked_sub(1).map(Ahead);
            let done_by = last.and_then(|last| last.expected(now, [limiter, account], observed));
            views.push(limiter.view(kind, now, waiting, done_by));
        }
        // All kinds together: the account's own limits apply, and it is not done before the last
        // kind.
        let waiting = depths.ready.values().sum::<u64>();
        let last = waiting.checked_sub(1).map(Ahead);
        let limited = account.limits.rate.is_some() || account.limits.daily.is_some();
        let own = last
            .filter(|_| limited)
            .and_then(|last| last.expected(now, [account, &open], Some(0)));
        let waits = |view: &&LimiterView| view.waiting > 0;
        let of_kinds = views.iter().filter(waits).map(|view| view.done_by);
        let of_kinds: Option<Vec<Timestamp>> = of_kinds.collect();
        let done_by = of_kinds.and_then(|all| all.into_iter().chain(own).max());
        views.push(account.view(ACCOUNT, now, waiting, done_by));
        Ok(views)
    }

    /// Returns the counts of the last complete minutes.
    pub(crate) async fn lately(&self) -> Result<Vec<Counts>, Error> {
        let mut minutes = self.minutes(LATELY + 1).await?;
        // The current minute is not complete.
        minutes.pop();
        Ok(minutes.into_iter().map(|minute| minute.counts).collect())
    }

    /// Reads the limiters of these kinds, followed by the account's.
    pub(crate) async fn read_limiters(&self, kinds: &[&str]) -> Result<Vec<Limiter>, Error> {
        let mut ask = redis::pipe();
        for scope in kinds.iter().copied().chain([ACCOUNT]) {
            ask.hgetall(self.key(&format!("limiter:{scope}")));
        }
        let fields: Vec<Fields> = ask.query_async(&mut self.connection()).await?;
        Ok(fields.iter().map(Limiter::read).collect())
    }
}

impl Limiter {
    fn view(
        &self,
        scope: &str,
        now: Timestamp,
        waiting: u64,
        done_by: Option<Timestamp>,
    ) -> LimiterView {
        LimiterView {
            scope: scope.to_owned(),
            limits: self.limits.clone(),
            closed: self.closed(now),
            probing: self.probes(),
            used_today: self.used_at(now),
            in_flight: self.running,
            waiting,
            done_by,
        }
    }
}
