//! Following results: the results stream, and waiting for the end of one verification.

use std::{collections::HashMap, time::Duration};

use kyc_domain::{
    VerificationId,
    streams::{self, ALL_RESULTS, Extent},
};
use kyc_vault::Vault;
use redis::{
    ErrorKind, FromRedisValue, ServerErrorKind, Value,
    streams::{StreamId, StreamRangeReply, StreamReadReply},
};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout_at};

use crate::{Error, Queue, Verification, connection::Connection, enqueue::header::Header};

/// An entry of the results stream: how a job ended. It is pseudonymous: only who has the producer's own data knows whom
/// `reference` means. It is stored as JSON in the field `result`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Published {
    /// The entry's id in the stream.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub entry: String,
    /// The verification's id.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// Its tenant.
    pub tenant: String,
    /// The producer's own id.
    pub reference: String,
    /// `completed`, `dead` or `cancelled`.
    pub state: String,
    /// The verdict; empty without an outcome.
    pub verdict: String,
    /// Codes that explain the verdict, or why there is none. Reasons that the subject may not be told are not published; the
    /// outcome has them.
    pub reasons: Vec<String>,
    /// Whether a sandbox answered, so that the person is made up; absent from the JSON otherwise.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub sandbox: bool,
    /// Whether the result is as a worker published it, where this process has the keys to tell. A result without a verdict is
    /// not authenticated: a job can end as dead or cancelled without a worker.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub authentic: Option<bool>,
}

impl Published {
    pub(crate) fn completed(
        id: VerificationId,
        header: &Header,
        verdict: &str,
        reasons: &[String],
        sandbox: bool,
    ) -> Self {
        Self {
            entry: String::new(),
            id: id.to_string(),
            kind: header.kind.clone(),
            tenant: header.tenant.clone(),
            reference: header.reference.clone(),
            state: "completed".to_owned(),
            verdict: verdict.to_owned(),
            reasons: reasons.to_vec(),
            sandbox,
            authentic: None,
        }
    }

    /// Parses an entry. An entry that cannot be parsed keeps its place in the stream.
    pub(crate) fn read(entry: &StreamId, vault: &Vault) -> Self {
        let result: Vec<u8> = entry.get("result").unwrap_or_default();
        let mac: String = entry.get("mac").unwrap_or_default();
        let known: Self = serde_json::from_slice(&result).unwrap_or_default();
        let has_verdict = !known.verdict.is_empty();
        let authentic = has_verdict.then(|| is_authentic(vault, &known.tenant, &result, &mac));
        Self {
            entry: entry.id.clone(),
            authentic: authentic.flatten(),
            ..known
        }
    }
}

/// Whether a worker published this result; `None` where this process lacks the key to tell.
fn is_authentic(vault: &Vault, tenant: &str, result: &[u8], mac: &str) -> Option<bool> {
    if !vault.can_open() {
        return None;
    }
    let Some((id, _)) = mac.split_once(':') else {
        return Some(false);
    };
    let key = vault.results_key(tenant, Some(id)).ok()?;
    Some(key.verify(result, mac))
}

/// A reader of the results stream.
pub struct Results {
    vault: Vault,
    redis: Connection,
    key: String,
    after: String,
    /// Whether entries after `after` may have been deleted before they were read.
    may_miss: bool,
}

/// The number of entries of one read.
const AT_ONCE: usize = 500;

impl Results {
    /// Returns the next entries as soon as there are any, or nothing after one second.
    ///
    /// # Errors
    ///
    /// Returns [`Error::ResultsMissing`] once if entries that this reader has not read may have been deleted. The next call
    /// continues with the first entry that is left. After any other error the next call tries again.
    pub async fn next(&mut self) -> Result<Vec<Published>, Error> {
        if self.may_miss {
            let first = self.first_after_gap().await?;
            self.may_miss = false;
            if let Some(first) = first {
                let after = self.after.clone();
                return Err(Error::ResultsMissing { after, first });
            }
        }
        let entries = self.read().await;
        // A reader that is behind, or was away, can be overtaken by the trimming of the stream.
        self.may_miss = !entries.as_ref().is_ok_and(|read| read.len() < AT_ONCE);
        entries
    }

    async fn read(&mut self) -> Result<Vec<Published>, Error> {
        let reply: Option<StreamReadReply> = redis::cmd("XREAD")
            .arg("COUNT")
            .arg(AT_ONCE)
            .arg("BLOCK")
            .arg(1000)
            .arg("STREAMS")
            .arg(&self.key)
            .arg(&self.after)
            .query_async(&mut self.redis)
            .await?;
        let entries: Vec<Published> = reply
            .iter()
            .flat_map(|reply| &reply.keys)
            .flat_map(|stream| &stream.ids)
            .map(|entry| Published::read(entry, &self.vault))
            .collect();
        if let Some(last) = entries.last() {
            self.after.clone_from(&last.entry);
        }
        Ok(entries)
    }

    /// Returns the first entry of the stream if it may not be the next one after the last that was read.
    async fn first_after_gap(&mut self) -> Result<Option<String>, Error> {
        let extent = extent_of(&mut self.redis, &self.key).await?;
        Ok(extent.and_then(|extent| extent.first_after_gap(&self.after)))
    }
}

/// Returns how far a stream reaches back; `None` if nothing was published yet.
pub(crate) async fn extent_of(redis: &mut Connection, key: &str) -> Result<Option<Extent>, Error> {
    let mut ask = redis::cmd("XINFO");
    ask.arg("STREAM").arg(key);
    let told: HashMap<String, Value> = match ask.query_async(redis).await {
        Ok(told) => told,
        Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::ResponseError) => {
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    extent(told).map(Some)
}

/// Reads what Redis tells about a stream.
fn extent(mut told: HashMap<String, Value>) -> Result<Extent, Error> {
    let unknown = |_| Error::Answer("about the results stream");
    let mut take = |name: &str| told.remove(name).unwrap_or(Value::Nil);
    let first = Option::<(String, Value)>::from_redis_value(take("first-entry"));
    let length = u64::from_redis_value(take("length")).map_err(unknown)?;
    // Known since Redis 7.
    let added = Option::<u64>::from_redis_value(take("entries-added")).map_err(unknown)?;
    Ok(Extent {
        first: first.map_err(unknown)?.map(|(id, _)| id),
        last_added: String::from_redis_value(take("last-generated-id")).map_err(unknown)?,
        has_lost: added.is_none_or(|added| added > length),
    })
}

/// How much longer than the given time the last request may take.
const GRACE: Duration = Duration::from_secs(1);

/// Returns whether a message, which contains all jobs that ended together, contains this one.
fn names(message: &redis::Msg, id: VerificationId) -> bool {
    let ended: String = message.get_payload().unwrap_or_default();
    ended.split(' ').any(|ended| ended.parse() == Ok(id))
}

impl Queue {
    /// Reads the results stream after the entry `after`: `0` for all retained entries, `$` for new
    /// ones only. If the stream no longer goes back to that entry, the reader is told so.
    pub async fn results(&self, after: &str) -> Result<Results, Error> {
        self.results_in(ALL_RESULTS, after).await
    }

    /// Reads the results stream of a tenant that was added with [`Queue::add_tenant`], as [`Queue::results`].
    pub async fn results_of(&self, tenant: &str, after: &str) -> Result<Results, Error> {
        self.results_in(&streams::results(tenant), after).await
    }

    async fn results_in(&self, stream: &str, after: &str) -> Result<Results, Error> {
        let key = self.key(stream);
        // A separate connection, since a blocking read would delay all later commands.
        let mut redis = self.connection().another().await?;
        let continues = !matches!(after, "$" | "0" | "0-0");
        let after = match after {
            "$" => Self::newest(&key, &mut redis).await?,
            after => after.to_owned(),
        };
        Ok(Results {
            vault: self.vault().clone(),
            redis,
            key,
            after,
            may_miss: continues,
        })
    }

    /// Returns the id of the newest entry. If `$` were passed to each read, entries between two
    /// reads would be skipped.
    async fn newest(key: &str, redis: &mut Connection) -> Result<String, Error> {
        let mut ask = redis::cmd("XREVRANGE");
        ask.arg(key).arg("+").arg("-").arg("COUNT").arg(1);
        let reply: StreamRangeReply = ask.query_async(redis).await?;
        Ok(reply
            .ids
            .first()
            .map_or_else(|| "0".to_owned(), |newest| newest.id.clone()))
    }

    /// Waits until a verification has ended. Returns `None` if there is none with that id, and its
    /// current state when the time is over.
    pub async fn wait(
        &self,
        id: VerificationId,
        at_most: Duration,
    ) -> Result<Option<Verification>, Error> {
        let until = Instant::now() + at_most;
        let (redis, channel) = (self.connection(), self.key("done"));
        let mut ended = timeout_at(until, redis.listen(&channel))
            .await
            .map_err(|_| Error::Slow)??;
        loop {
            let known = timeout_at(until + GRACE, self.look(id))
                .await
                .map_err(|_| Error::Slow)??;
            let over = known.as_ref().is_none_or(|known| known.state.is_final());
            if over || Instant::now() >= until {
                return Ok(known);
            }
            // A lost message delays the result by a second.
            let look_again = (Instant::now() + Duration::from_secs(1)).min(until);
            let named = async {
                while let Some(message) = ended.next().await {
                    if names(&message, id) {
                        return;
                    }
                }
                // The subscription has ended.
                tokio::time::sleep_until(look_again).await;
            };
            // Looks again after a message and after the timeout alike.
            let _ = timeout_at(look_again, named).await;
        }
    }
}
