//! Work that one worker of the fleet does for all of them.

use std::time::Duration;

use crate::{Error, Queue, units::millis};

impl Queue {
    /// Returns whether it is this caller's turn to do the work. Nobody else gets a turn for the time `every`, even if the
    /// caller dies. The work must still be safe when two do it at once: a turn can end before its work does.
    pub async fn take_turn(&self, work: &str, every: Duration) -> Result<bool, Error> {
        let mut set = redis::cmd("SET");
        set.arg(self.turn_key(work)).arg("1").arg("NX");
        set.arg("PX").arg(millis(every).max(1));
        let set: Option<String> = set.query_async(&mut self.connection()).await?;
        Ok(set.is_some())
    }

    /// Lets a turn end after the time `left` from now.
    pub async fn set_turn(&self, work: &str, left: Duration) -> Result<(), Error> {
        let mut set = redis::cmd("PEXPIRE");
        set.arg(self.turn_key(work)).arg(millis(left).max(1));
        Ok(set.exec_async(&mut self.connection()).await?)
    }

    fn turn_key(&self, work: &str) -> String {
        self.key(&format!("turn:{work}"))
    }
}
