//! The statistics of Redis, and the load of the machine.

use std::collections::BTreeMap;

use kyc_queue::Queue;

/// The output of `INFO` at one moment.
pub(crate) struct Gauge(BTreeMap<String, String>);

impl Gauge {
    pub(crate) async fn read(queue: &Queue) -> Self {
        Self(queue.info("all").await.expect("the private Redis answers"))
    }

    fn number(&self, name: &str) -> f64 {
        let text = self.0.get(name).map(|text| text.trim());
        text.and_then(|text| text.parse().ok()).unwrap_or_default()
    }

    /// Returns the microseconds of CPU time of the server, without its forks.
    pub(crate) fn cpu_micros(&self) -> f64 {
        (self.number("used_cpu_sys") + self.number("used_cpu_user")) * 1e6
    }

    /// Returns the microseconds that were spent in scripts.
    pub(crate) fn script_micros(&self) -> f64 {
        let said = self.0.get("cmdstat_evalsha").map_or("", String::as_str);
        let micros = said.split(',').find_map(|pair| pair.strip_prefix("usec="));
        micros
            .and_then(|text| text.parse().ok())
            .unwrap_or_default()
    }

    /// Returns the number of script calls.
    pub(crate) fn scripts(&self) -> f64 {
        let said = self.0.get("cmdstat_evalsha").map_or("", String::as_str);
        let calls = said.split(',').find_map(|pair| pair.strip_prefix("calls="));
        calls.and_then(|text| text.parse().ok()).unwrap_or_default()
    }

    /// Returns the used bytes.
    pub(crate) fn memory(&self) -> f64 {
        self.number("used_memory")
    }

    /// Returns whether a fork of Redis is rewriting the append-only file.
    pub(crate) fn is_rewriting(&self) -> bool {
        self.number("aof_rewrite_in_progress") > 0.0
    }

    /// Returns whether a rewrite ran at any time since `before`.
    pub(crate) fn rewrote_since(&self, before: &Self) -> bool {
        before.is_rewriting()
            || self.is_rewriting()
            || self.number("aof_rewrites") > before.number("aof_rewrites")
    }

    /// Returns the number of forks, and the length of the pause of the last fork in milliseconds.
    pub(crate) fn forks(&self) -> (f64, f64) {
        let last = self.number("latest_fork_usec") / 1000.0;
        (self.number("total_forks"), last)
    }
}

/// The CPU time of the whole machine at one moment, in hundredths of a second.
pub(crate) struct Machine {
    busy: f64,
    all: f64,
}

impl Machine {
    pub(crate) fn read() -> Self {
        let stat = std::fs::read_to_string("/proc/stat").unwrap_or_default();
        let line = stat.lines().next().unwrap_or_default();
        let ticks: Vec<f64> = line
            .split_whitespace()
            .filter_map(|text| text.parse().ok())
            .collect();
        // user nice system idle iowait irq softirq steal. The guest times that follow are included in user.
        let all: f64 = ticks.iter().take(8).sum();
        let idle: f64 = ticks.iter().skip(3).take(2).sum();
        Self {
            busy: all - idle,
            all,
        }
    }

    /// Returns the shares of the machine since `before` that other processes used and that were idle. `own` is the CPU time of
    /// the benchmark in microseconds.
    pub(crate) fn others_and_idle_since(&self, before: &Self, own: f64) -> (f64, f64) {
        const MICROS_A_TICK: f64 = 10_000.0;
        let all = (self.all - before.all).max(1.0);
        let busy = self.busy - before.busy;
        let others = (busy - own / MICROS_A_TICK).max(0.0) / all;
        (others, (all - busy) / all)
    }
}
