//! The instructions and allocations of a job. They are counted, so they do not depend on the load of the machine.
//!
//! The worker runs under `valgrind --tool=callgrind`, once with few jobs and once with more. Both runs include the cost of
//! starting and stopping, so it cancels out.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    arguments::Limited,
    stage::{Scene, Stage},
};

/// The numbers of jobs of the two runs.
const FEW: usize = 100;
const MORE: usize = 300;
/// The allowed excess over the committed figure.
const TOLERANCE: f64 = 0.05;
/// The committed figure, in instructions per job.
const FIGURE: &str = include_str!("instructions");

#[derive(Clone, Copy)]
struct Count {
    instructions: f64,
    allocations: f64,
}

/// Counts the instructions, compares them with the committed figure, and returns whether they are within the bound.
pub(crate) async fn check(scene: Scene) -> bool {
    let (few, more) = (run(scene, FEW).await, run(scene, MORE).await);
    let jobs = (MORE - FEW) as f64;
    let a_job = |count: fn(&Count) -> f64| (count(&more) - count(&few)) / jobs;
    let (instructions, figure) = (a_job(|count| count.instructions), figure());
    println!("instructions per job  {instructions:>10.0}  ({figure:.0} committed)");
    println!(
        "allocations per job   {:>10.1}",
        a_job(|count| count.allocations)
    );
    let is_kept = instructions <= figure * (1.0 + TOLERANCE);
    if !is_kept {
        println!(
            "more than {:.0} % above what is committed",
            TOLERANCE * 100.0
        );
    }
    is_kept
}

fn figure() -> f64 {
    FIGURE
        .trim()
        .parse()
        .expect("the committed figure is a number")
}

async fn run(scene: Scene, jobs: usize) -> Count {
    let stage = Stage::set(scene);
    let queue = stage.queue().await;
    stage.limit(&queue, Limited::Counted).await;
    stage.enqueue(&queue, jobs).await;
    let out = stage.dir.path().join("callgrind.out");
    let mut worker = stage.worker_by(under_callgrind(&out), 64);
    stage.completed(&queue, jobs).await;
    worker.stop();
    read(&out)
}

/// Returns a command that runs the program under `valgrind`.
fn under_callgrind(out: &Path) -> impl Fn(PathBuf) -> Command {
    let file = format!("--callgrind-out-file={}", out.display());
    move |program| {
        let mut valgrind = Command::new("valgrind");
        valgrind
            .args(["--tool=callgrind", "--quiet", &file])
            .arg(program);
        valgrind
    }
}

/// Reads the totals and the number of calls of the allocator from callgrind's file.
fn read(out: &Path) -> Count {
    let text = std::fs::read_to_string(out).expect("valgrind ran: Debian's package of that name");
    let line = |start: &str| text.lines().find_map(|line| line.strip_prefix(start));
    let events: Vec<&str> = line("events:")
        .expect("events")
        .split_whitespace()
        .collect();
    let totals = line("totals:")
        .or_else(|| line("summary:"))
        .expect("totals");
    let totals: Vec<f64> = totals
        .split_whitespace()
        .filter_map(|total| total.parse().ok())
        .collect();
    let of = |event: &str| {
        let place = events.iter().position(|name| *name == event);
        place
            .and_then(|place| totals.get(place).copied())
            .unwrap_or_default()
    };
    Count {
        instructions: of("Ir"),
        allocations: allocations(&text),
    }
}

/// Counts the calls of the functions that allocate memory. Callgrind writes the name of a function once, and then its number.
fn allocations(text: &str) -> f64 {
    const NAMES: [&str; 3] = ["_rjem_malloc", "_rjem_calloc", "_rjem_realloc"];
    let mut numbers = Vec::new();
    let mut is_ours = false;
    let mut calls = 0.0;
    for line in text.lines() {
        if let Some(name) = line
            .strip_prefix("cfn=")
            .or_else(|| line.strip_prefix("fn="))
        {
            let number = name.split(')').next().unwrap_or_default().to_owned();
            if NAMES.iter().any(|ours| name.ends_with(ours)) && !numbers.contains(&number) {
                numbers.push(number.clone());
            }
            is_ours = line.starts_with("cfn=") && numbers.contains(&number);
        } else if let Some(count) = line.strip_prefix("calls=").filter(|_| is_ours) {
            let count = count
                .split(' ')
                .next()
                .and_then(|count| count.parse::<f64>().ok());
            calls += count.unwrap_or_default();
        }
    }
    calls
}
