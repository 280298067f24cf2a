//! Reading ends from the streams of results.

use std::collections::HashMap;

use jiff::Timestamp;
use redis::streams::{StreamId, StreamRangeReply, StreamReadReply};

use super::point::{EntryId, Source};
use crate::{
    Error, Published, Queue, State, inspect::follow::extent_of, worker::progress::Progress,
};

/// The number of entries of one read.
pub(crate) const AT_ONCE: usize = 500;

/// The end of a job.
#[derive(Clone, Debug)]
pub struct Ended {
    /// How it ended.
    pub result: Published,
    /// Why it has no outcome, in a sentence for people, while the job is kept and has not begun anew.
    pub sentence: Option<String>,
    /// When it ended.
    pub at: Timestamp,
}

/// Entries of a stream, with the jobs' ends in them.
pub(crate) type Ends = Vec<(EntryId, Ended)>;

impl Queue {
    /// Returns the entries of many streams after those that were read, without waiting. At most [`AT_ONCE`] of each.
    pub(crate) async fn ends_after(
        &self,
        read_to: &[(Source, EntryId)],
    ) -> Result<Vec<(Source, Ends)>, Error> {
        let mut read = redis::cmd("XREAD");
        read.arg("COUNT").arg(AT_ONCE).arg("STREAMS");
        let by_key: HashMap<String, &Source> = read_to
            .iter()
            .map(|(source, _)| (self.key(&source.stream()), source))
            .collect();
        for (source, _) in read_to {
            read.arg(self.key(&source.stream()));
        }
        for (_, entry) in read_to {
            read.arg(entry.to_string());
        }
        let reply: Option<StreamReadReply> = read.query_async(&mut self.connection()).await?;
        let mut all = Vec::new();
        for stream in reply.into_iter().flat_map(|reply| reply.keys) {
            if let Some(source) = by_key.get(&stream.key) {
                all.push(((*source).clone(), self.ends(&stream.ids).await?));
            }
        }
        Ok(all)
    }

    /// Returns the entries after one entry, up to another, at most [`AT_ONCE`]; and where the stream begins if entries after the
    /// first may have been deleted.
    pub(crate) async fn ends_between(
        &self,
        source: &Source,
        after: EntryId,
        to: EntryId,
    ) -> Result<(Ends, Option<String>), Error> {
        let (key, mut redis) = (self.key(&source.stream()), self.connection());
        let mut read = redis::cmd("XRANGE");
        read.arg(&key).arg(format!("({after}")).arg(to.to_string());
        read.arg("COUNT").arg(AT_ONCE);
        let reply: StreamRangeReply = read.query_async(&mut redis).await?;
        // Looked at after the read, so that no trimming comes between.
        let extent = extent_of(&mut redis, &key).await?;
        let gap = extent.and_then(|extent| extent.first_after_gap(&after.to_string()));
        Ok((self.ends(&reply.ids).await?, gap))
    }

    /// Returns the id of the newest entry that a stream ever had.
    pub(crate) async fn newest_end(&self, source: &Source) -> Result<EntryId, Error> {
        let key = self.key(&source.stream());
        let extent = extent_of(&mut self.connection(), &key).await?;
        let newest = extent.and_then(|extent| extent.last_added.parse().ok());
        Ok(newest.unwrap_or_default())
    }

    /// Returns whether a tenant has a stream of its own.
    pub(crate) async fn has_own_results(&self, tenant: &str) -> Result<bool, Error> {
        let mut ask = redis::cmd("SISMEMBER");
        ask.arg(self.key("tenants")).arg(tenant);
        Ok(ask.query_async(&mut self.connection()).await?)
    }

    async fn ends(&self, entries: &[StreamId]) -> Result<Ends, Error> {
        let read = entries.iter().filter_map(|entry| {
            let id: EntryId = entry.id.parse().ok()?;
            let at = i64::try_from(id.0).ok()?;
            let ended = Ended {
                result: Published::read(entry, self.vault()),
                sentence: None,
                at: Timestamp::from_millisecond(at).ok()?,
            };
            Some((id, ended))
        });
        let mut ends: Ends = read.collect();
        let mut without: Vec<&mut Ended> = ends
            .iter_mut()
            .map(|(_, ended)| ended)
            .filter(|ended| ended.result.verdict.is_empty() && !ended.result.id.is_empty())
            .collect();
        if without.is_empty() {
            return Ok(ends);
        }
        let mut ask = redis::pipe();
        for ended in &without {
            let job = self.key(&format!("job:{}", ended.result.id));
            ask.hget(job, "progress");
        }
        let known: Vec<Option<Vec<u8>>> = ask.query_async(&mut self.connection()).await?;
        for (ended, progress) in without.iter_mut().zip(known) {
            ended.sentence = progress.and_then(|progress| sentence(&progress, &ended.result));
        }
        Ok(ends)
    }
}

/// Returns the sentence of an end, if the job has not begun anew since.
fn sentence(progress: &[u8], result: &Published) -> Option<String> {
    let progress: Progress = serde_json::from_slice(progress).ok()?;
    let state = progress.state.as_deref().and_then(State::read)?;
    let is_same =
        state.as_str() == result.state && progress.code.as_ref() == result.reasons.first();
    progress.sentence.filter(|_| is_same)
}
