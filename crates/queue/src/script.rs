//! The scripts: every change of a job's state is one of these, atomic, on Redis' own clock.

pub(crate) mod arguments;

use std::{collections::BTreeMap, sync::LazyLock};

use redis::Script;

use crate::connection::Connection;

const PRELUDE: &str = include_str!("lua/prelude.lua");
const READY: &str = include_str!("lua/ready.lua");
const COALESCING: &str = include_str!("lua/coalescing.lua");
const ENDS: &str = include_str!("lua/ends.lua");
const LIMITER: &str = include_str!("lua/limiter.lua");
const CLOSE: &str = include_str!("lua/close.lua");
const UNUSABLE: &str = include_str!("lua/unusable.lua");
const STORE: &str = include_str!("lua/store.lua");
const REUSE: &str = include_str!("lua/reuse.lua");
const SWEEP: &str = include_str!("lua/sweep.lua");
const SUBMISSION: &str = include_str!("lua/submission.lua");

/// A script of the parts that it needs. Whatever it answers, what it counted and made ready is written at its end.
fn text(parts: &[&str], body: &str) -> String {
    let parts = parts.concat();
    format!(
        "{PRELUDE}{READY}{COALESCING}{parts}local function run()\n{body}\nend\nlocal answer = run()\nwrite_down()\nreturn answer"
    )
}

/// The name of a script by its file.
fn name(file: &'static str) -> &'static str {
    file.trim_start_matches("lua/").trim_end_matches(".lua")
}

macro_rules! scripts {
    ($($name:ident = $file:literal with [$($part:ident),*]),* $(,)?) => {
        $(pub(crate) static $name: LazyLock<Script> =
            LazyLock::new(|| Script::new(&text(&[$($part),*], include_str!($file))));)*

        /// Gives Redis all scripts at once, so that no call has to be sent twice.
        pub(crate) async fn load(redis: &mut Connection) -> redis::RedisResult<()> {
            for script in [$(&$name),*] {
                script.load_async(redis).await?;
            }
            Ok(())
        }

        /// The names of the scripts by the hashes under which Redis knows them, for whoever reads its own logs.
        pub fn script_names() -> BTreeMap<String, &'static str> {
            [$((&$name, $file)),*].map(|(script, file)| (script.get_hash().to_owned(), name(file))).into()
        }

        /// The texts of the scripts by their names, for tests that let a script stop anywhere.
        #[doc(hidden)]
        pub fn script_texts() -> BTreeMap<&'static str, String> {
            [$((name($file), text(&[$($part),*], include_str!($file)))),*].into()
        }
    };
}

scripts! {
    ENQUEUE = "lua/enqueue.lua" with [],
    LEASE = "lua/lease.lua" with [ENDS, LIMITER, SWEEP, REUSE],
    COMPLETE = "lua/complete.lua" with [ENDS, CLOSE, STORE],
    SETTLE = "lua/settle.lua" with [ENDS, CLOSE, UNUSABLE],
    RELEASE = "lua/release.lua" with [CLOSE],
    RENEW = "lua/renew.lua" with [ENDS],
    LEAVE = "lua/leave.lua" with [CLOSE],
    OVERDUE = "lua/overdue.lua" with [],
    TRIM = "lua/trim.lua" with [],
    TAKE = "lua/take.lua" with [],
    REJECT = "lua/reject.lua" with [],
    INSPECT = "lua/inspect.lua" with [],
    EXPIRE = "lua/expire.lua" with [ENDS],
    CANCEL = "lua/cancel.lua" with [ENDS],
    RETRY = "lua/retry.lua" with [],
    REREAD = "lua/reread.lua" with [],
    DISCARD = "lua/discard.lua" with [],
    DROP_RESULTS = "lua/drop_results.lua" with [],
    FORGET = "lua/forget.lua" with [],
    PAUSE = "lua/pause.lua" with [CLOSE],
    RESUME = "lua/resume.lua" with [],
    LIMIT = "lua/limit.lua" with [],
    REWRAP = "lua/rewrap.lua" with [],
    INDEX = "lua/index.lua" with [],
    REINDEX = "lua/reindex.lua" with [],
    SUBMIT = "lua/submit.lua" with [SUBMISSION],
    SUBMIT_ROWS = "lua/submit_rows.lua" with [SUBMISSION],
    WITHDRAW = "lua/withdraw.lua" with [],
}
