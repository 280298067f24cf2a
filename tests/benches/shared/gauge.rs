//! What Redis says of itself, and how busy the machine is.

use std::collections::BTreeMap;

use kyc_queue::Queue;

/// What `INFO` says at one moment.
pub(crate) struct Gauge(BTreeMap<String, String>);

impl Gauge {
    pub(crate) async fn read(queue: &Queue) -> Self {
        Self(queue.info("all").await.expect("Redis is ours"))
    }

    fn number(&self, name: &str) -> f64 {
        let text = self.0.get(name).map(|text| text.trim());
        text.and_then(|text| text.parse().ok()).unwrap_or_default()
    }

    /// Microseconds of CPU time of the server, without the processes it forked.
    pub(crate) fn cpu_micros(&self) -> f64 {
        (self.number("used_cpu_sys") + self.number("used_cpu_user")) * 1e6
    }

    /// Microseconds spent in scripts.
    pub(crate) fn script_micros(&self) -> f64 {
        let said = self.0.get("cmdstat_evalsha").map_or("", String::as_str);
        let micros = said.split(',').find_map(|pair| pair.strip_prefix("usec="));
        micros
            .and_then(|text| text.parse().ok())
            .unwrap_or_default()
    }

    /// Scripts that were called.
    pub(crate) fn scripts(&self) -> f64 {
        let said = self.0.get("cmdstat_evalsha").map_or("", String::as_str);
        let calls = said.split(',').find_map(|pair| pair.strip_prefix("calls="));
        calls.and_then(|text| text.parse().ok()).unwrap_or_default()
    }

    /// Bytes in use.
    pub(crate) fn memory(&self) -> f64 {
        self.number("used_memory")
    }

    /// The append-only file is being rewritten, by a process that Redis forked.
    pub(crate) fn is_rewriting(&self) -> bool {
        self.number("aof_rewrite_in_progress") > 0.0
    }

    /// Whether a rewrite ran at any time since.
    pub(crate) fn rewrote_since(&self, before: &Self) -> bool {
        before.is_rewriting()
            || self.is_rewriting()
            || self.number("aof_rewrites") > before.number("aof_rewrites")
    }

    /// How often it forked, and how long it stood still for the last time, in milliseconds.
    pub(crate) fn forks(&self) -> (f64, f64) {
        let last = self.number("latest_fork_usec") / 1000.0;
        (self.number("total_forks"), last)
    }
}

/// CPU time of the whole machine at one moment, in hundredths of a second.
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
        // user nice system idle iowait irq softirq steal; the guests that follow are counted in user.
        let all: f64 = ticks.iter().take(8).sum();
        let idle: f64 = ticks.iter().skip(3).take(2).sum();
        Self {
            busy: all - idle,
            all,
        }
    }

    /// Shares of the machine since, of those who are not `own` (microseconds of CPU time) and of nobody.
    pub(crate) fn others_and_idle_since(&self, before: &Self, own: f64) -> (f64, f64) {
        const MICROS_A_TICK: f64 = 10_000.0;
        let all = (self.all - before.all).max(1.0);
        let busy = self.busy - before.busy;
        let others = (busy - own / MICROS_A_TICK).max(0.0) / all;
        (others, (all - busy) / all)
    }
}
