//! What jobs would cost that are not submitted: how many calls, and until when.

use jiff::Timestamp;
use kyc_domain::{Priority, Request};

use crate::{
    Error, Queue,
    enqueue::coalescing::Coalescing,
    inspect::depths::LISTS,
    limits::{Ahead, observed_interval},
};

impl Queue {
    /// Returns for each request whether an answer is there that would be reused for it, without a call. `None` in a process without
    /// keys that open, which cannot know.
    pub async fn reusable(&self, requests: &[&Request]) -> Result<Option<Vec<bool>>, Error> {
        if !self.vault().can_open() {
            return Ok(None);
        }
        let keys = self.current_index().await?;
        let reuse = &self.config().reuse;
        let coalescing = requests
            .iter()
            .map(|request| Coalescing::of(request, keys.newest(), reuse));
        let coalescing: Vec<Option<Coalescing>> = coalescing.collect();
        let mut ask = redis::pipe();
        for coalescing in coalescing.iter().flatten() {
            ask.get(self.key(&format!("answer:{}", coalescing.index)));
        }
        if coalescing.iter().all(Option::is_none) {
            return Ok(Some(vec![false; requests.len()])); // Redis does not accept an empty pipeline.
        }
        let answers: Vec<Option<String>> = ask.query_async(&mut self.connection()).await?;
        let (now, mut answers) = (self.now_ms().await?, answers.into_iter());
        let reusable = coalescing.into_iter().map(|coalescing| {
            coalescing.is_some_and(|coalescing| {
                let answer = answers.next().flatten();
                answer.is_some_and(|answer| is_within(&coalescing, &answer, now))
                    && !coalescing.fresh
            })
        });
        Ok(Some(reusable.collect()))
    }

    /// Returns whether one answer would serve several jobs like this one.
    pub fn coalesces(&self, request: &Request) -> bool {
        let terms = &request.terms;
        let window = self
            .config()
            .reuse
            .window(request.kind, terms.purpose.as_deref());
        window.is_some() && !terms.fresh
    }

    /// Returns when the last of this many further jobs of a kind would be sent at the present limits, if nothing else intervenes; `None`
    /// if that cannot be computed, such as while the kind is paused.
    pub async fn forecast(
        &self,
        kind: &str,
        priority: Priority,
        jobs: u64,
    ) -> Result<Option<Timestamp>, Error> {
        let mut ask = redis::pipe();
        for list in &LISTS[..3] {
            ask.zcard(self.key(&format!("ready:{kind}:{list}")));
        }
        let mut lengths: [u64; 3] = ask.query_async(&mut self.connection()).await?;
        let own = LISTS
            .iter()
            .position(|list| *list == priority.as_str())
            .unwrap_or(1);
        lengths[own] += jobs;
        let ahead = Ahead::of(lengths, own, lengths[own].saturating_sub(1));
        let now = Timestamp::from_millisecond(self.now_ms().await?).unwrap_or_default();
        let minutes = self.lately().await?;
        let limiters = self.read_limiters(&[kind]).await?;
        let [kind_limiter, account] = &limiters[..] else {
            return Ok(None);
        };
        Ok(ahead.expected(
            now,
            [kind_limiter, account],
            observed_interval(kind, &minutes),
        ))
    }
}

/// Returns whether an answer is a record that is young enough. `reuse` decides the same when the job is accepted.
fn is_within(coalescing: &Coalescing, answer: &str, now: i64) -> bool {
    let mut parts = answer.split(' ').skip(1);
    let at = parts.next().and_then(|at| at.parse::<i64>().ok());
    let has_record = parts.next() == Some("1");
    let window = i64::try_from(coalescing.window).unwrap_or(i64::MAX);
    has_record && at.is_some_and(|at| now.saturating_sub(at) <= window)
}
