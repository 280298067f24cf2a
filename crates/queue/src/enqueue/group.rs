//! The consumer group of a stream of the inbox, with one consumer for each worker.

use std::{collections::HashSet, time::Duration};

use redis::streams::StreamInfoConsumersReply;

use crate::{Error, Queue, connection::Connection, worker::session::Session};

/// The consumer group of all workers.
const GROUP: &str = "pods";

/// A consumer without pending entries is deleted after this time.
const FORGOTTEN: Duration = Duration::from_secs(24 * 3600);

/// Creates the group, and the stream, if they do not exist.
pub(crate) async fn create(redis: &mut Connection, stream: &str) -> Result<(), Error> {
    let made = redis::cmd("XGROUP")
        .arg("CREATE")
        .arg(stream)
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

/// Deletes the consumers of workers that ended long ago and have no pending entries. Each start of a worker makes a new one.
pub(crate) async fn forget_consumers(
    queue: &Queue,
    redis: &mut Connection,
    stream: &str,
) -> Result<(), Error> {
    let known: StreamInfoConsumersReply = redis::cmd("XINFO")
        .arg("CONSUMERS")
        .arg(stream)
        .arg(GROUP)
        .query_async(redis)
        .await?;
    // In an empty inbox live workers are idle too, and an entry may be about to reach them.
    let sessions = queue.sessions().await?;
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
        let forget = ["DELCONSUMER", stream, GROUP, &pod.name];
        redis::cmd("XGROUP").arg(&forget).exec_async(redis).await?;
    }
    Ok(())
}
