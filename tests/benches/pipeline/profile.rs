//! The profile of a whole job: a flame graph of the worker and its system calls, both made with `perf` of Linux.

use std::{
    fs::File,
    io::{BufReader, BufWriter},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use inferno::{
    collapse::{
        Collapse as _,
        perf::{Folder, Options},
    },
    flamegraph,
};

use crate::{
    arguments::Arguments,
    stage::{Scene, Stage},
};

/// The number of jobs before the first sample.
const WARM_UP: usize = 2_000;
/// The time of each of the two measurements.
const SECONDS: &str = "2";
/// Samples per second and thread. It shares no divisor with other periodic work.
const SAMPLES: &str = "499";
/// The bytes of the stack in a sample, which are needed to find the callers.
const STACKS: &str = "dwarf,16384";
const AT_ONCE: usize = 256;

/// Writes the flame graph to `file`, and prints the number of system calls.
pub(crate) async fn profile(scene: Scene, arguments: &Arguments, file: &Path) {
    let stage = Stage::set(scene);
    let queue = stage.queue().await;
    stage.limit(&queue, arguments.limits).await;
    stage.enqueue(&queue, arguments.jobs * 5).await;
    let mut worker = stage.worker(AT_ONCE);
    stage.completed(&queue, WARM_UP).await;

    let first = stage.count(&queue).await;
    let counted = perf(
        worker.pid(),
        &["stat", "-x,", "-e", "raw_syscalls:sys_enter"],
    );
    let jobs = (stage.count(&queue).await - first) as f64;
    match calls(&counted) {
        Some(calls) => println!("system calls per job   {:>8.1}", calls / jobs),
        None => println!("system calls per job   not known: this user may not count them"),
    }

    let samples = stage.dir.path().join("perf.data");
    let into = samples.display().to_string();
    let record = ["record", "-F", SAMPLES, "--call-graph", STACKS, "-o", &into];
    let recorded = perf(worker.pid(), &record);
    assert!(
        stage.count(&queue).await < (arguments.jobs * 5) as u64,
        "the worker ran out of jobs: more of them with --jobs"
    );
    worker.stop();
    assert!(
        recorded.status.success(),
        "perf: {}",
        String::from_utf8_lossy(&recorded.stderr)
    );
    draw(&samples, file);
    println!("flame graph            {}", file.display());
}

/// Runs `perf` on a process for a while.
fn perf(pid: u32, words: &[&str]) -> Output {
    Command::new("perf")
        .args(words)
        .args(["-p", &pid.to_string(), "--", "sleep", SECONDS])
        .output()
        .expect("perf is installed (Debian's package linux-perf)")
}

/// Reads the count, which is the first field in the output of `perf stat -x,`.
fn calls(counted: &Output) -> Option<f64> {
    let text = String::from_utf8_lossy(&counted.stderr);
    let line = text.lines().find(|line| line.contains("sys_enter"))?;
    line.split(',').next()?.parse().ok()
}

fn draw(samples: &Path, file: &Path) {
    let mut script = Command::new("perf")
        .args(["script", "--no-inline", "-i"])
        .arg(samples)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("perf is installed, since it has recorded");
    let output = BufReader::new(script.stdout.take().expect("its output is piped"));
    let mut folded = Vec::new();
    Folder::from(Options::default())
        .collapse(output, &mut folded)
        .expect("stacks of perf");
    let _ = script.wait();
    let graph = BufWriter::new(File::create(file).expect("the file can be written"));
    let mut options = flamegraph::Options::default();
    options.title = "One worker, whole jobs".to_owned();
    flamegraph::from_reader(&mut options, folded.as_slice(), graph).expect("a flame graph");
}

/// Returns the file that follows `--profile`, or the default.
pub(crate) fn file(words: &[String]) -> Option<PathBuf> {
    let position = words.iter().position(|word| word == "--profile")?;
    let named = words
        .get(position + 1)
        .filter(|word| !word.starts_with('-'));
    Some(named.map_or_else(|| PathBuf::from("flamegraph.svg"), PathBuf::from))
}
