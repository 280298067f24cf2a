//! Whether Redis takes writes, and why it does not.

use redis::RedisError;

use crate::{Error, Queue};

/// Should it be left behind, it is gone soon.
const KEPT_MS: u64 = 10_000;

impl Queue {
    /// Writes a key of this queue and deletes it again. Answers why Redis refuses that, in a sentence with what to do, or
    /// `None` where it does not.
    pub async fn refuses_writes(&self) -> Result<Option<String>, Error> {
        let key = self.key("doctor");
        let mut write = redis::cmd("SET");
        write.arg(&key).arg("1").arg("PX").arg(KEPT_MS);
        let mut redis = self.connection();
        let wrote = match write.exec_async(&mut redis).await {
            Ok(()) => redis::cmd("DEL").arg(&key).exec_async(&mut redis).await,
            refused => refused,
        };
        match wrote {
            Ok(()) => Ok(None),
            Err(error) => refusal(&error).map(Some).ok_or_else(|| error.into()),
        }
    }
}

/// What an error of the server means for writes; `None` where it never came to that.
fn refusal(error: &RedisError) -> Option<String> {
    let known = match error.code()? {
        "OOM" => "its memory is full (maxmemory): give it more, or let it keep less",
        "MISCONF" => {
            "it could not save to disk: look at its log and its disk; once saving works, it takes writes again"
        }
        "READONLY" => "it is a read-only replica: give the address of the master",
        "NOREPLICAS" => {
            "fewer replicas are connected than min-replicas-to-write demands: bring them back, or demand fewer"
        }
        "NOPERM" => {
            "its user may not write the keys of the queue: see ACL in the README for what it needs"
        }
        other => return Some(format!("it answers {other}: look at its log")),
    };
    Some(known.to_owned())
}
