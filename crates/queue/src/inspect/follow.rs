//! Hearing of results: the stream of what is published, and waiting for one verification.

use std::time::Duration;

use kyc_domain::VerificationId;
use redis::streams::{StreamId, StreamRangeReply, StreamReadReply};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout_at};

use crate::{Error, Queue, Verification, connection::Connection, enqueue::header::Header};

/// What the results stream says of a job that ended: no person's data. It stands as JSON in the field `result`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Published {
    /// The entry's id in the stream.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub entry: String,
    /// The verification.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// Whose it is.
    pub tenant: String,
    /// The caller's own id.
    pub reference: String,
    /// `completed`, `dead` or `cancelled`.
    pub state: String,
    /// What it says; empty when there is no outcome.
    pub verdict: String,
    /// Codes: behind the verdict, or why there is none.
    pub reasons: Vec<String>,
    /// Whether a sandbox answered, so that the person is made up; absent from the JSON otherwise.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub sandbox: bool,
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
        }
    }

    /// One that cannot be read still has its place in the stream.
    fn read(entry: &StreamId) -> Self {
        let result: Vec<u8> = entry.get("result").unwrap_or_default();
        Self {
            entry: entry.id.clone(),
            ..serde_json::from_slice(&result).unwrap_or_default()
        }
    }
}

/// A reader of the results stream.
pub struct Results {
    redis: Connection,
    key: String,
    after: String,
}

impl Results {
    /// The next entries, as soon as there are any: empty after a second without.
    pub async fn next(&mut self) -> Result<Vec<Published>, Error> {
        let reply: Option<StreamReadReply> = redis::cmd("XREAD")
            .arg("COUNT")
            .arg(500)
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
            .map(Published::read)
            .collect();
        if let Some(last) = entries.last() {
            self.after.clone_from(&last.entry);
        }
        Ok(entries)
    }
}

/// What the last look may take beyond the time that was given.
const GRACE: Duration = Duration::from_secs(1);

/// A message names all jobs that ended together.
fn names(message: &redis::Msg, id: VerificationId) -> bool {
    let ended: String = message.get_payload().unwrap_or_default();
    ended.split(' ').any(|ended| ended.parse() == Ok(id))
}

impl Queue {
    /// Reads the results stream behind the entry `after`: `0` for all that is kept, `$` for new ones only.
    pub async fn results(&self, after: &str) -> Result<Results, Error> {
        // A connection of its own: a blocking read would hold up everything behind it.
        let mut redis = self.connection().another().await?;
        let after = match after {
            "$" => self.newest(&mut redis).await?,
            after => after.to_owned(),
        };
        Ok(Results {
            redis,
            key: self.key("results"),
            after,
        })
    }

    /// Asked again with `$`, Redis would skip what came between two readings.
    async fn newest(&self, redis: &mut Connection) -> Result<String, Error> {
        let mut ask = redis::cmd("XREVRANGE");
        ask.arg(self.key("results"))
            .arg("+")
            .arg("-")
            .arg("COUNT")
            .arg(1);
        let reply: StreamRangeReply = ask.query_async(redis).await?;
        Ok(reply
            .ids
            .first()
            .map_or_else(|| "0".to_owned(), |newest| newest.id.clone()))
    }

    /// Waits for the end of a verification; `None` when there is none of that id, and whatever is known when
    /// the time is over.
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
            // A lost message costs a second.
            let look_again = (Instant::now() + Duration::from_secs(1)).min(until);
            let named = async {
                while let Some(message) = ended.next().await {
                    if names(&message, id) {
                        return;
                    }
                }
                // Nobody speaks any more.
                tokio::time::sleep_until(look_again).await;
            };
            // Either way it is time to look.
            let _ = timeout_at(look_again, named).await;
        }
    }
}
