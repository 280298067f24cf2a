//! Whether Redis takes writes, and why it does not.

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
        match wrote.map_err(Error::from) {
            Ok(()) => Ok(None),
            Err(error) => match (error.refusal(), &error) {
                (Some(why), _) => Ok(Some(why.to_owned())),
                (None, Error::Redis(answer)) if answer.code().is_some() => {
                    let code = answer.code().unwrap_or_default();
                    Ok(Some(format!("it answers {code}: look at its log")))
                }
                _ => Err(error),
            },
        }
    }
}

impl Error {
    /// Why Redis takes no writes and what to do, where that is what it says. It may say so to a mere greeting.
    pub fn refusal(&self) -> Option<&'static str> {
        let Self::Redis(error) = self else {
            return None;
        };
        Some(match error.code()? {
            "OOM" => "its memory is full (maxmemory): give it more, or let it keep less",
            "MISCONF" => {
                "it could not save to disk: look at its log and its disk; once saving works, it takes writes again"
            }
            "READONLY" => "it is a read-only replica: give the address of the master",
            "NOREPLICAS" => {
                "fewer replicas are connected than min-replicas-to-write demands: bring them back, or demand fewer"
            }
            "NOPERM" => "its user lacks leave for what the queue needs: see ACL in the README",
            _ => return None,
        })
    }
}
