//! The door for any Redis client: `XADD {kyc}:inbox * job '<json>'`. Entries are read by all pods as one
//! consumer group; each is accepted or rejected in one step, and none is lost with its pod.

use std::{
    collections::HashSet,
    sync::atomic::{AtomicBool, Ordering::SeqCst},
    time::Duration,
};

use kyc_domain::{Refusals, Request};
use redis::streams::{StreamAutoClaimReply, StreamId, StreamInfoConsumersReply, StreamReadReply};
use zeroize::Zeroizing;

use crate::{EnqueueError, Error, Queue, link::Link, measure, work::session::Session};

const GROUP: &str = "pods";
/// Entries of one reading.
const AT_ONCE: usize = 100;
/// An entry whose pod gave no sign of life for this long is taken by another.
const ABANDONED: Duration = Duration::from_secs(30);

/// A pod without entries is forgotten after this long.
const FORGOTTEN: Duration = Duration::from_secs(24 * 3600);

/// Reads the inbox for one worker.
pub struct Inbox<P> {
    queue: Queue,
    worker: String,
    parse: P,
    stopped: AtomicBool,
}

impl<P: Fn(&[u8]) -> Result<Request, Refusals>> Inbox<P> {
    /// A reader that parses jobs with `parse`.
    pub fn new(queue: Queue, worker: impl Into<String>, parse: P) -> Self {
        Self {
            queue,
            worker: worker.into(),
            parse,
            stopped: AtomicBool::new(false),
        }
    }

    /// No more is read: what was read is taken, and [`Inbox::run`] ends. Dropped instead, it would leave that for
    /// another pod, half a minute later.
    pub fn stop(&self) {
        self.stopped.store(true, SeqCst);
    }

    /// Whether it was told to stop.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(SeqCst)
    }

    /// Reads until it is stopped. Trouble with Redis is waited out.
    pub async fn run(&self) {
        while !self.is_stopped() {
            if let Err(error) = self.read().await {
                measure::trouble("inbox");
                tracing::warn!(%error, "Could not read the inbox; trying again");
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    async fn read(&self) -> Result<(), Error> {
        // A connection of its own: a blocking read would hold up everything behind it.
        let mut redis = self.queue.connection().another().await?;
        self.make_group(&mut redis).await?;
        self.forget_pods(&mut redis).await?;
        // What was read just before the trouble, and not taken.
        let mut behind = "0".to_owned();
        loop {
            let entries = self.entries(&mut redis, &behind).await?;
            let Some(last) = entries.last() else {
                break;
            };
            behind.clone_from(&last.id);
            self.take_all(&entries).await?;
        }
        while !self.is_stopped() {
            let abandoned = self.abandoned(&mut redis).await?;
            self.take_all(&abandoned).await?;
            let new = self.entries(&mut redis, ">").await?;
            self.take_all(&new).await?;
        }
        Ok(())
    }

    /// The entries behind `from` that this pod has read before, or, from `>`, that none has: as soon as there are any.
    async fn entries(&self, redis: &mut Link, from: &str) -> Result<Vec<StreamId>, Error> {
        let reply: Option<StreamReadReply> = redis::cmd("XREADGROUP")
            .arg("GROUP")
            .arg(GROUP)
            .arg(&self.worker)
            .arg("COUNT")
            .arg(AT_ONCE)
            .arg("BLOCK")
            .arg(2000)
            .arg("STREAMS")
            .arg(self.queue.key("inbox"))
            .arg(from)
            .query_async(redis)
            .await?;
        let streams = reply.into_iter().flat_map(|reply| reply.keys);
        Ok(streams.flat_map(|stream| stream.ids).collect())
    }

    async fn take_all(&self, entries: &[StreamId]) -> Result<(), Error> {
        for entry in entries {
            self.take(entry).await?;
        }
        Ok(())
    }

    /// Pods come and go under new names: those that have long gone and left nothing behind are forgotten.
    async fn forget_pods(&self, redis: &mut Link) -> Result<(), Error> {
        let key = self.queue.key("inbox");
        let known: StreamInfoConsumersReply = redis::cmd("XINFO")
            .arg("CONSUMERS")
            .arg(&key)
            .arg(GROUP)
            .query_async(redis)
            .await?;
        // Where nothing comes, a pod that lives counts as idle too: an entry could just be on its way to it.
        let sessions = self.queue.sessions().await?;
        let alive: HashSet<&str> = sessions
            .iter()
            .map(|(session, _)| Session::worker(session))
            .collect();
        let idle = |ms: usize| u128::try_from(ms).is_ok_and(|ms| ms > FORGOTTEN.as_millis());
        for pod in known
            .consumers
            .iter()
            .filter(|pod| pod.pending == 0 && idle(pod.idle) && !alive.contains(pod.name.as_str()))
        {
            let forget = ["DELCONSUMER", &key, GROUP, &pod.name];
            redis::cmd("XGROUP").arg(&forget).exec_async(redis).await?;
        }
        Ok(())
    }

    async fn make_group(&self, redis: &mut Link) -> Result<(), Error> {
        let made = redis::cmd("XGROUP")
            .arg("CREATE")
            .arg(self.queue.key("inbox"))
            .arg(GROUP)
            .arg("0")
            .arg("MKSTREAM")
            .exec_async(redis)
            .await;
        match made {
            Err(error) if error.code() == Some("BUSYGROUP") => Ok(()),
            made => Ok(made?),
        }
    }

    async fn abandoned(&self, redis: &mut Link) -> Result<Vec<StreamId>, Error> {
        let claimed: StreamAutoClaimReply = redis::cmd("XAUTOCLAIM")
            .arg(self.queue.key("inbox"))
            .arg(GROUP)
            .arg(&self.worker)
            .arg(ABANDONED.as_millis() as u64)
            .arg("0-0")
            .arg("COUNT")
            .arg(AT_ONCE)
            .query_async(redis)
            .await?;
        Ok(claimed.claimed)
    }

    async fn take(&self, entry: &StreamId) -> Result<(), Error> {
        let Some(job) = entry.get::<Vec<u8>>("job") else {
            let refused = Refusals::one(
                "job",
                "is missing",
                &format!(
                    "add the entry as: XADD {} * job '<json>'",
                    self.queue.key("inbox")
                ),
            );
            return self
                .queue
                .reject(&entry.id, &refused, &all_fields(entry))
                .await;
        };
        let refused = match (self.parse)(&job) {
            Err(refusals) => refusals,
            Ok(request) => match self.queue.accept(&request, &entry.id).await {
                Ok(accepted) => {
                    // None: it is another pod's by now.
                    if accepted.is_some() {
                        measure::inbox("accepted");
                    }
                    return Ok(());
                }
                Err(EnqueueError::Queue(error)) => return Err(error),
                Err(EnqueueError::Conflict { id }) => Refusals::one(
                    "idempotency_key",
                    &format!("was used for another job ({id})"),
                    "use a new key for a new job, or send the same job",
                ),
            },
        };
        self.queue.reject(&entry.id, &refused, &job).await
    }
}

/// What an entry without a job holds instead; fields that are not text are left out.
fn all_fields(entry: &StreamId) -> Zeroizing<Vec<u8>> {
    let fields: serde_json::Map<String, serde_json::Value> = entry
        .map
        .keys()
        .map(|name| (name.clone(), entry.get::<String>(name).into()))
        .collect();
    Zeroizing::new(serde_json::Value::Object(fields).to_string().into_bytes())
}

impl Queue {
    /// Puts a job into the inbox, as any client would; answers the entry's id.
    pub async fn post(&self, job: &str) -> Result<String, Error> {
        let mut add = redis::cmd("XADD");
        add.arg(self.key("inbox")).arg("*").arg("job").arg(job);
        Ok(add.query_async(&mut self.connection()).await?)
    }
}
