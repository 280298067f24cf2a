//! Tests whether Redis accepts writes, and reports why it does not.

use crate::{Error, Queue};

/// The test key expires after this time if it could not be deleted.
const KEPT_MS: u64 = 10_000;

impl Queue {
    /// Writes a key of this queue and deletes it again. Returns a sentence that says why Redis
    /// refuses that and what to do, or `None` if it does not refuse.
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
