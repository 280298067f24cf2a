//! Lists of jobs: by place, page by page, and by reference. The cost of a page depends on its
//! length, not on that of the queue.

use kyc_domain::VerificationId;

use crate::{
    Error, Filter, Place, Queue, Verification,
    enqueue::header::reference_index,
    inspect::{
        cursor::{moment, split},
        depths::waiting_lists,
    },
};

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Page {
    /// The jobs, without their outcomes.
    pub jobs: Vec<Verification>,
    /// The cursor of the next page; `None` at the end. A page may be short, or even empty, before
    /// the end: the search for rare jobs among many is done in bounded steps.
    pub next: Option<String>,
}

/// The maximum number of jobs that are read for one page.
const LOOKED_AT: usize = 500;
/// The maximum number of jobs that are read at once.
const AT_ONCE: usize = 100;

impl Queue {
    /// Returns a page of the jobs of these kinds that match. `from` is the `next` of the page
    /// before, or `None` for the first page.
    ///
    /// In pages of `waiting`, a job may appear twice or not at all while others come and go. In
    /// other places this applies only to jobs that move to another place.
    pub async fn jobs(
        &self,
        filter: &Filter,
        kinds: &[&str],
        from: Option<&str>,
        at_most: usize,
    ) -> Result<Page, Error> {
        let mut page = Page {
            jobs: Vec::new(),
            next: None,
        };
        let mut cursor = from.map(ToOwned::to_owned);
        let mut looked_at = 0;
        while page.jobs.len() < at_most && looked_at < LOOKED_AT {
            let step = self
                .step(
                    filter,
                    kinds,
                    cursor.as_deref(),
                    AT_ONCE.min(at_most.max(10)),
                )
                .await?;
            let ids: Vec<VerificationId> = step.iter().map(|(id, _)| *id).collect();
            let known = self.look_at(&ids).await?;
            looked_at += step.len();
            let Some((_, last)) = step.last() else {
                return Ok(Page { next: None, ..page });
            };
            cursor = Some(last.clone());
            for (id, after) in &step {
                let job = known.iter().find(|job| job.id == *id);
                let Some(job) = job
                    .filter(|job| filter.place.holds(job) && filter.lets_through(job))
                    .filter(|_| filter.was_there(after))
                else {
                    continue;
                };
                page.jobs.push(job.clone());
                if page.jobs.len() == at_most {
                    cursor = Some(after.clone());
                    break;
                }
            }
        }
        page.next = cursor;
        Ok(page)
    }

    /// Returns the ids of all jobs that match, read in bounded steps. The cost depends on the
    /// length of the place.
    pub async fn select(
        &self,
        filter: &Filter,
        kinds: &[&str],
    ) -> Result<Vec<VerificationId>, Error> {
        let (mut ids, mut cursor) = (Vec::new(), None);
        loop {
            let page = self
                .jobs(filter, kinds, cursor.as_deref(), LOOKED_AT)
                .await?;
            ids.extend(page.jobs.iter().map(|job| job.id));
            cursor = page.next;
            if cursor.is_none() {
                return Ok(ids);
            }
        }
    }

    /// Returns the jobs of a tenant with this reference, newest first.
    pub async fn find_by_reference(
        &self,
        tenant: &str,
        reference: &str,
        at_most: usize,
    ) -> Result<Vec<Verification>, Error> {
        let last = isize::try_from(at_most).unwrap_or(isize::MAX) - 1;
        let mut ids = Vec::new();
        // All jobs of a newer index key were accepted after those of an older one.
        for key in self.current_index().await?.all() {
            let index = reference_index(key, tenant, reference);
            let ask = redis::Cmd::zrevrange(self.key(&format!("reference:{index}")), 0, last);
            let some: Vec<String> = ask.query_async(&mut self.connection()).await?;
            ids.extend(
                some.iter()
                    .filter_map(|id| id.parse::<VerificationId>().ok()),
            );
        }
        ids.truncate(at_most);
        self.look_at(&ids).await
    }

    /// Returns the next ids of a place after the cursor, each with the cursor of its successor.
    async fn step(
        &self,
        filter: &Filter,
        kinds: &[&str],
        from: Option<&str>,
        count: usize,
    ) -> Result<Vec<(VerificationId, String)>, Error> {
        match filter.place {
            Place::Waiting => {
                let kinds: Vec<&str> = match &filter.kind {
                    Some(kind) => vec![kind],
                    None => kinds.to_vec(),
                };
                self.step_in_ready_queues(&kinds, from, count).await
            }
            Place::Running => self.step_of_workers(from, count).await,
            Place::Scheduled | Place::NeedsDecision => {
                self.step_by_time(filter.place.as_str(), false, from, count)
                    .await
            }
            place => self.step_by_time(place.as_str(), true, from, count).await,
        }
    }

    /// Reads from a sorted set by time. The cursor is the last job that was shown and its time. If
    /// that job has left the set, or has another time, the page begins at the old time, and some
    /// jobs may appear again.
    async fn step_by_time(
        &self,
        set: &str,
        newest_first: bool,
        from: Option<&str>,
        count: usize,
    ) -> Result<Vec<(VerificationId, String)>, Error> {
        let key = self.key(set);
        let from = from.and_then(moment);
        let mut ask = redis::cmd("ZRANGE");
        match from {
            Some((time, id)) => match self.rank(&key, newest_first, time, id).await? {
                Some(rank) => {
                    ask.arg(&key).arg(rank + 1).arg(rank + count);
                }
                None => {
                    let far = if newest_first { "-inf" } else { "+inf" };
                    ask.arg(&key).arg(time).arg(far).arg("BYSCORE");
                    ask.arg("LIMIT").arg(0).arg(count);
                }
            },
            None => {
                ask.arg(&key).arg(0).arg(count - 1);
            }
        }
        // `REV` reverses the order by rank and by score alike.
        if newest_first {
            ask.arg("REV");
        }
        let found: Vec<(String, String)> = ask
            .arg("WITHSCORES")
            .query_async(&mut self.connection())
            .await?;
        let read = |(id, time): (String, String)| Some((id.parse().ok()?, format!("{time}+{id}")));
        Ok(found.into_iter().filter_map(read).collect())
    }

    /// Returns the rank of a job in a sorted set, if it still has this time there.
    async fn rank(
        &self,
        key: &str,
        newest_first: bool,
        time: &str,
        id: VerificationId,
    ) -> Result<Option<usize>, Error> {
        let rank = if newest_first { "ZREVRANK" } else { "ZRANK" };
        let id = id.to_string();
        let mut ask = redis::pipe();
        ask.cmd(rank).arg(key).arg(&id);
        ask.zscore(key, &id);
        let known: (Option<usize>, Option<String>) =
            ask.query_async(&mut self.connection()).await?;
        Ok(known.0.filter(|_| known.1.as_deref() == Some(time)))
    }

    /// Reads the lists of the kinds one after another. The cursor is a list and the number of its
    /// jobs that were shown.
    async fn step_in_ready_queues(
        &self,
        kinds: &[&str],
        from: Option<&str>,
        count: usize,
    ) -> Result<Vec<(VerificationId, String)>, Error> {
        // Collected; otherwise the compiler cannot prove that the future is `Send`.
        let lists: Vec<String> = kinds
            .iter()
            .flat_map(|kind| waiting_lists().map(move |list| format!("{kind}:{list}")))
            .collect();
        let (first, mut shown) = from.and_then(split).unwrap_or(("", 0));
        let mut after = Vec::new();
        for list in lists
            .iter()
            .skip_while(|list| !first.is_empty() && *list != first)
        {
            let last = shown + count - after.len() - 1;
            let ask = redis::cmd("ZRANGE")
                .arg(self.key(&format!("ready:{list}")))
                .arg(shown)
                .arg(last)
                .to_owned();
            let ids: Vec<String> = ask.query_async(&mut self.connection()).await?;
            for id in ids {
                shown += 1;
                if let Ok(id) = id.parse() {
                    after.push((id, format!("{list}+{shown}")));
                }
            }
            if after.len() >= count {
                break;
            }
            shown = 0;
        }
        Ok(after)
    }

    /// Reads the leases of all workers in the order of ids. The cursor is the last id.
    async fn step_of_workers(
        &self,
        from: Option<&str>,
        count: usize,
    ) -> Result<Vec<(VerificationId, String)>, Error> {
        let sessions = self.sessions().await?;
        if sessions.is_empty() {
            // Redis does not accept an empty pipeline.
            return Ok(Vec::new());
        }
        let mut ask = redis::pipe();
        for (session, _) in sessions {
            ask.hkeys(self.key(&format!("leases:{session}")));
        }
        let held: Vec<Vec<String>> = ask.query_async(&mut self.connection()).await?;
        let mut ids: Vec<String> = held
            .into_iter()
            .flatten()
            .filter(|id| from.is_none_or(|from| id.as_str() > from))
            .collect();
        ids.sort_unstable();
        ids.truncate(count);
        let read = |id: String| id.parse().ok().map(|parsed| (parsed, id));
        Ok(ids.into_iter().filter_map(read).collect())
    }
}
