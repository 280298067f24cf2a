//! The longest commands, from the slow log of Redis.

use std::collections::BTreeMap;

use kyc_queue::script_names;
use kyc_tests::eventually;
use redis::{Value, aio::MultiplexedConnection};

/// The shortest command in the log, in microseconds.
const FROM_MICROS: u32 = 500;

/// Id, time, microseconds, words, and the client's address and name.
type Entry = (u64, u64, f64, Vec<Value>, Value, Value);

/// Reads the slow log of one Redis.
pub(crate) struct Slow {
    redis: MultiplexedConnection,
    scripts: BTreeMap<String, &'static str>,
}

/// The longest command of each name, in milliseconds.
#[derive(Default)]
pub(crate) struct Longest(BTreeMap<String, f64>);

impl Slow {
    pub(crate) async fn on(redis: MultiplexedConnection) -> Self {
        let mut slow = Self {
            redis,
            scripts: script_names(),
        };
        slow.log_usual().await;
        slow
    }

    /// Logs commands of at least `micros` microseconds.
    pub(crate) async fn log_from(&mut self, micros: u32) {
        redis::cmd("CONFIG")
            .arg("SET")
            .arg("slowlog-log-slower-than")
            .arg(micros)
            .arg("slowlog-max-len")
            .arg(100_000)
            .exec_async(&mut self.redis)
            .await
            .expect("a setting of Redis");
        self.take().await;
    }

    /// Logs slow commands only, as by default.
    pub(crate) async fn log_usual(&mut self) {
        self.log_from(FROM_MICROS).await;
    }

    /// Waits until a script of that name is called, and returns the words of the call. All commands must be logged.
    pub(crate) async fn overhear(&mut self, script: &str) -> Vec<Vec<u8>> {
        let words = eventually("the script is called", async || {
            let entries = self.take().await;
            let mut calls = entries.into_iter().map(|(_, _, _, words, ..)| words);
            calls.find(|words| self.name(words) == script)
        });
        let words = words.await.into_iter();
        let bytes = |word| redis::from_redis_value(word).expect("words are texts");
        words.map(bytes).collect()
    }

    /// Returns the longest commands since the last call of this function.
    pub(crate) async fn since(&mut self) -> Longest {
        let mut longest = BTreeMap::new();
        for (_, _, micros, words, ..) in self.take().await {
            let most = longest.entry(self.name(&words)).or_insert(0.0_f64);
            *most = most.max(micros / 1000.0);
        }
        // The command that read the log the last time.
        longest.remove("slowlog");
        Longest(longest)
    }

    /// Reads and clears the log.
    async fn take(&mut self) -> Vec<Entry> {
        let entries = redis::cmd("SLOWLOG")
            .arg("GET")
            .arg(-1)
            .query_async(&mut self.redis)
            .await
            .expect("the private Redis answers");
        redis::cmd("SLOWLOG")
            .arg("RESET")
            .exec_async(&mut self.redis)
            .await
            .expect("the private Redis answers");
        entries
    }

    fn name(&self, words: &[Value]) -> String {
        let word = |position: usize| {
            let word = words.get(position).cloned();
            word.and_then(|word| redis::from_redis_value::<String>(word).ok())
                .unwrap_or_default()
        };
        let command = word(0).to_lowercase();
        if command == "evalsha" {
            let name = self.scripts.get(&word(1)).copied();
            return name.unwrap_or("a script").to_owned();
        }
        command
    }
}

impl Longest {
    /// Returns the name and the time of the longest command.
    pub(crate) fn first(&self) -> Option<(&str, f64)> {
        let all = self.0.iter().map(|(name, ms)| (name.as_str(), *ms));
        all.max_by(|one, other| one.1.total_cmp(&other.1))
    }

    /// Returns the longest time of a command, or 0 if it was never slow enough for the log.
    pub(crate) fn of(&self, name: &str) -> f64 {
        self.0.get(name).copied().unwrap_or_default()
    }

    /// Returns all commands as text, longest first.
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
