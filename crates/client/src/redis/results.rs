//! Reads a stream of results.

use std::collections::HashMap;

use kyc_domain::streams::{self, ALL_RESULTS, Extent};
use redis::{
    ErrorKind, FromRedisValue, RedisResult, ServerErrorKind, Value,
    aio::ConnectionLike,
    streams::{StreamId, StreamReadReply},
};

use super::{Error, QUEUE};
use crate::{Authenticity, JobResult, Trusted};

/// The number of entries of one read.
const AT_ONCE: usize = 500;
/// How long a read waits for the first entry, in milliseconds.
const WAIT_MS: usize = 1000;

/// An entry of a stream of results.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its id. Store it with what you made of the result, and continue after it.
    pub id: String,
    /// The result. It is empty if the entry holds none.
    pub result: JobResult,
    /// Whether a worker published it.
    pub authenticity: Authenticity,
}

/// A reader of results. Give it a connection of its own.
pub struct Results<C> {
    connection: C,
    trusted: Trusted,
    queue: String,
    /// The stream, without the queue's prefix.
    stream: String,
    after: String,
    /// Whether entries after `after` may have been deleted before they were read.
    may_miss: bool,
}

impl<C: ConnectionLike> Results<C> {
    /// Reads the results of a tenant that was added with `kyc tenants add`, from the first that is left.
    pub fn of(tenant: &str, connection: C, trusted: Trusted) -> Self {
        Self::in_stream(streams::results(tenant), connection, trusted)
    }

    /// Reads the results of all tenants, from the first that is left.
    pub fn of_all(connection: C, trusted: Trusted) -> Self {
        Self::in_stream(ALL_RESULTS.to_owned(), connection, trusted)
    }

    fn in_stream(stream: String, connection: C, trusted: Trusted) -> Self {
        Self {
            connection,
            trusted,
            queue: QUEUE.to_owned(),
            stream,
            after: "0".to_owned(),
            may_miss: false,
        }
    }

    /// In the queue with this name: the setting `namespace` of the installation.
    #[must_use]
    pub fn queue(mut self, name: &str) -> Self {
        name.clone_into(&mut self.queue);
        self
    }

    /// Continues after this entry, the last one that was dealt with.
    #[must_use]
    pub fn after(mut self, entry: &str) -> Self {
        entry.clone_into(&mut self.after);
        self.may_miss = !matches!(entry, "0" | "0-0");
        self
    }

    /// Returns the next entries as soon as there are any, or nothing after a second.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Missed`] once if entries that this reader has not read may have been deleted. After any error the next
    /// call continues where this one was to.
    pub async fn next(&mut self) -> Result<Vec<Entry>, Error> {
        if self.may_miss {
            let first = self.first_after_gap().await?;
            self.may_miss = false;
            if let Some(first) = first {
                let after = self.after.clone();
                return Err(Error::Missed { after, first });
            }
        }
        let entries = self.read().await;
        // A reader that is behind, or was away, can be overtaken by the trimming of the stream.
        self.may_miss = !entries.as_ref().is_ok_and(|read| read.len() < AT_ONCE);
        entries
    }

    async fn read(&mut self) -> Result<Vec<Entry>, Error> {
        let mut read = redis::cmd("XREAD");
        read.arg("COUNT").arg(AT_ONCE).arg("BLOCK").arg(WAIT_MS);
        read.arg("STREAMS").arg(self.key()).arg(&self.after);
        let reply: Option<StreamReadReply> = read.query_async(&mut self.connection).await?;
        let entries = reply.iter().flat_map(|reply| &reply.keys);
        let entries = entries.flat_map(|stream| &stream.ids);
        let entries: Vec<Entry> = entries.map(|entry| self.entry(entry)).collect();
        if let Some(last) = entries.last() {
            self.after.clone_from(&last.id);
        }
        Ok(entries)
    }

    fn entry(&self, entry: &StreamId) -> Entry {
        let published: Vec<u8> = entry.get("result").unwrap_or_default();
        let mac: String = entry.get("mac").unwrap_or_default();
        let result: JobResult = serde_json::from_slice(&published).unwrap_or_default();
        let authenticity = self.trusted.check(&result, &published, &mac);
        Entry {
            id: entry.id.clone(),
            result,
            authenticity,
        }
    }

    async fn first_after_gap(&mut self) -> Result<Option<String>, Error> {
        let mut ask = redis::cmd("XINFO");
        ask.arg("STREAM").arg(self.key());
        let told: HashMap<String, Value> = match ask.query_async(&mut self.connection).await {
            Ok(told) => told,
            // Nothing was published yet.
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::ResponseError) => {
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        Ok(extent(told)?.first_after_gap(&self.after))
    }

    fn key(&self) -> String {
        streams::key(&self.queue, &self.stream)
    }
}

/// Reads what Redis tells about a stream.
fn extent(mut told: HashMap<String, Value>) -> RedisResult<Extent> {
    let mut take = |name: &str| told.remove(name).unwrap_or(Value::Nil);
    let first = Option::<(String, Value)>::from_redis_value(take("first-entry"))?;
    let length = u64::from_redis_value(take("length"))?;
    // Known since Redis 7.
    let added = Option::<u64>::from_redis_value(take("entries-added"))?;
    Ok(Extent {
        first: first.map(|(id, _)| id),
        last_added: String::from_redis_value(take("last-generated-id"))?,
        has_lost: added.is_none_or(|added| added > length),
    })
}
