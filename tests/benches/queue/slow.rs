//! The longest commands, by Redis' own log of slow ones.

use std::{collections::BTreeMap, path::Path};

use redis::{Script, Value, aio::MultiplexedConnection};

/// Commands of at least this many microseconds are seen.
const FROM_MICROS: u32 = 500;

/// Reads the log of one Redis.
pub(crate) struct Slow {
    redis: MultiplexedConnection,
    scripts: BTreeMap<String, String>,
}

/// The longest command of each name, in milliseconds.
#[derive(Default)]
pub(crate) struct Longest(BTreeMap<String, f64>);

impl Slow {
    pub(crate) async fn on(mut redis: MultiplexedConnection) -> Self {
        redis::cmd("CONFIG")
            .arg("SET")
            .arg("slowlog-log-slower-than")
            .arg(FROM_MICROS)
            .arg("slowlog-max-len")
            .arg(100_000)
            .exec_async(&mut redis)
            .await
            .expect("a setting of Redis");
        Self {
            redis,
            scripts: script_names(),
        }
    }

    /// The longest since the last time this was asked.
    pub(crate) async fn since(&mut self) -> Longest {
        type Entry = (u64, u64, f64, Vec<Value>, Value, Value);
        let entries: Vec<Entry> = redis::cmd("SLOWLOG")
            .arg("GET")
            .arg(-1)
            .query_async(&mut self.redis)
            .await
            .expect("Redis is ours");
        redis::cmd("SLOWLOG")
            .arg("RESET")
            .exec_async(&mut self.redis)
            .await
            .expect("Redis is ours");
        let mut longest = BTreeMap::new();
        for (_, _, micros, words, ..) in entries {
            let most = longest.entry(self.name(&words)).or_insert(0.0_f64);
            *most = most.max(micros / 1000.0);
        }
        // The question itself, the last time it was asked.
        longest.remove("slowlog");
        Longest(longest)
    }

    fn name(&self, words: &[Value]) -> String {
        let word = |position: usize| {
            let word = words.get(position).cloned();
            word.and_then(|word| redis::from_redis_value::<String>(word).ok())
                .unwrap_or_default()
        };
        let command = word(0).to_lowercase();
        if command == "evalsha" {
            let name = self.scripts.get(&word(1)).cloned();
            return name.unwrap_or_else(|| "a script".to_owned());
        }
        command
    }
}

impl Longest {
    /// The longest of all, and its name.
    pub(crate) fn first(&self) -> Option<(&str, f64)> {
        let all = self.0.iter().map(|(name, ms)| (name.as_str(), *ms));
        all.max_by(|one, other| one.1.total_cmp(&other.1))
    }

    /// The longest of that name; 0 when none was slow enough to be seen.
    pub(crate) fn of(&self, name: &str) -> f64 {
        self.0.get(name).copied().unwrap_or_default()
    }

    /// All, longest first.
    pub(crate) fn to_line(&self) -> String {
        let mut all: Vec<(&String, &f64)> = self.0.iter().collect();
        all.sort_by(|one, other| other.1.total_cmp(one.1));
        let words: Vec<String> = all
            .iter()
            .map(|(name, ms)| format!("{name} {ms:.1} ms"))
            .collect();
        if words.is_empty() {
            return format!("none over {:.1} ms", f64::from(FROM_MICROS) / 1000.0);
        }
        words.join(", ")
    }
}

/// The queue's scripts by what Redis calls them, read where their sources lie. One that was put together in another
/// way is only `a script`.
fn script_names() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/queue/src/lua");
    let prelude = std::fs::read_to_string(folder.join("prelude.lua")).unwrap_or_default();
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let named = files.filter_map(|file| {
        let body = std::fs::read_to_string(file.path()).ok()?;
        let hash = Script::new(&format!("{prelude}{body}"))
            .get_hash()
            .to_owned();
        let name = file.path().file_stem()?.to_string_lossy().into_owned();
        Some((hash, name))
    });
    named.collect()
}
