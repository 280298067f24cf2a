//! CPU time and peak memory of a process, from `/proc`.

/// The CPU time of some processes at one moment.
#[derive(Clone, Debug)]
pub struct Usage(Vec<f64>);

impl Usage {
    /// Reads the CPU time of these processes. A process that has ended counts as 0.
    pub fn of(pids: &[u32]) -> Self {
        Self(
            pids.iter()
                .map(|pid| cpu_micros(*pid).unwrap_or_default())
                .collect(),
        )
    }

    /// Returns the microseconds of CPU time that the process at `position` has used since `before`, without those of its
    /// children.
    pub fn cpu_micros_since(&self, before: &Self, position: usize) -> f64 {
        self.0[position] - before.0[position]
    }

    /// Returns the peak resident memory of a process.
    pub fn peak_memory_mib(pid: u32) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse::<f64>().ok());
        kib.unwrap_or_default() / 1024.0
    }
}

fn cpu_micros(pid: u32) -> Option<f64> {
    // Linux counts in hundredths of a second on every machine it runs on.
    const MICROS_A_TICK: f64 = 10_000.0;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let after_name = stat.rsplit_once(')')?.1;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    Some(ticks * MICROS_A_TICK)
}
