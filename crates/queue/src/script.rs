//! The scripts: every change of a job's state is one of these, atomic, on Redis' own clock.

use std::sync::LazyLock;

use redis::Script;

use crate::link::Link;

const PRELUDE: &str = include_str!("lua/prelude.lua");

fn script(body: &str) -> Script {
    Script::new(&format!("{PRELUDE}{body}"))
}

macro_rules! scripts {
    ($($name:ident = $file:literal),* $(,)?) => {
        $(pub(crate) static $name: LazyLock<Script> = LazyLock::new(|| script(include_str!($file)));)*

        /// Gives Redis all scripts at once, so that no call has to be sent twice.
        pub(crate) async fn load(redis: &mut Link) -> redis::RedisResult<()> {
            for script in [$(&$name),*] {
                script.load_async(redis).await?;
            }
            Ok(())
        }
    };
}

scripts! {
    ENQUEUE = "lua/enqueue.lua",
    LEASE = "lua/lease.lua",
    COMPLETE = "lua/complete.lua",
    SETTLE = "lua/settle.lua",
    RELEASE = "lua/release.lua",
    RENEW = "lua/renew.lua",
    LEAVE = "lua/leave.lua",
    TRIM = "lua/trim.lua",
    REJECT = "lua/reject.lua",
    LOOK = "lua/look.lua",
    CANCEL = "lua/cancel.lua",
    RETRY = "lua/retry.lua",
    DISCARD = "lua/discard.lua",
    PAUSE = "lua/pause.lua",
}
