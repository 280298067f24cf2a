//! The arguments of a benchmark.

/// The depth of the deepest queue.
const MOST: usize = 1_000_000;
/// The approximate bytes that Redis needs for one job, waiting or finished, with room for a fork.
const BYTES_A_JOB: usize = 2_000;

/// The arguments.
pub(crate) struct Arguments {
    pub(crate) quick: bool,
    pub(crate) most: usize,
    pub(crate) concurrency: usize,
    /// Redis has no append-only file, as in the published figures of other queues.
    pub(crate) no_file: bool,
    /// Measures queues on the nodes of a cluster.
    pub(crate) cluster: bool,
}

impl Arguments {
    /// Parses the arguments. Those of cargo are ignored.
    pub(crate) fn read(words: &[String]) -> Self {
        let number = |name: &str| {
            let position = words.iter().position(|word| word == name)?;
            let value = words.get(position + 1).and_then(|word| word.parse().ok());
            Some(value.unwrap_or_else(|| panic!("{name} requires a number")))
        };
        Self {
            quick: words.iter().any(|word| word == "--quick"),
            most: number("--most").unwrap_or(MOST),
            concurrency: number("--concurrency").unwrap_or(CONCURRENCY),
            no_file: words.iter().any(|word| word == "--no-file"),
            cluster: words.iter().any(|word| word == "--cluster"),
        }
    }
}

/// The default concurrency.
const CONCURRENCY: usize = 256;

/// Prints the memory that is needed, and fails if there is less.
pub(crate) fn say_what_is_needed(most: usize) {
    let needed = most * BYTES_A_JOB / (1 << 20);
    let info = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = info
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<usize>().ok());
    let there = kib.unwrap_or_default() / 1024;
    println!("memory: about {needed} MiB for Redis, {there} MiB are available");
    assert!(
        there > needed,
        "not enough memory: reduce the deepest queue with --most N"
    );
}
