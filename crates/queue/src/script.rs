//! The scripts: every change of a job's state is one of these, atomic, on Redis' own clock.

use std::sync::LazyLock;

use redis::Script;

use crate::link::Link;

const PRELUDE: &str = include_str!("lua/prelude.lua");

fn script(body: &str) -> Script {
    Script::new(&format!("{PRELUDE}{body}"))
}

pub(crate) static ENQUEUE: LazyLock<Script> =
    LazyLock::new(|| script(include_str!("lua/enqueue.lua")));
pub(crate) static LEASE: LazyLock<Script> = LazyLock::new(|| script(include_str!("lua/lease.lua")));
pub(crate) static COMPLETE: LazyLock<Script> =
    LazyLock::new(|| script(include_str!("lua/complete.lua")));
pub(crate) static SETTLE: LazyLock<Script> =
    LazyLock::new(|| script(include_str!("lua/settle.lua")));
pub(crate) static RELEASE: LazyLock<Script> =
    LazyLock::new(|| script(include_str!("lua/release.lua")));
pub(crate) static RENEW: LazyLock<Script> = LazyLock::new(|| script(include_str!("lua/renew.lua")));
pub(crate) static TRIM: LazyLock<Script> = LazyLock::new(|| script(include_str!("lua/trim.lua")));
pub(crate) static REJECT: LazyLock<Script> =
    LazyLock::new(|| script(include_str!("lua/reject.lua")));

/// Gives Redis all scripts at once, so that no call has to be sent twice.
pub(crate) async fn load(redis: &mut Link) -> redis::RedisResult<()> {
    for script in [
        &ENQUEUE, &LEASE, &COMPLETE, &SETTLE, &RELEASE, &RENEW, &TRIM, &REJECT,
    ] {
        script.load_async(redis).await?;
    }
    Ok(())
}
