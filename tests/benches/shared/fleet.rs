//! Worker processes: this program, started again.

use std::{
    io::Write,
    process::{Child, Command, Stdio},
};

use kyc_tests::{Usage, signal};
use tokio::task::JoinSet;

use crate::shared::noop::Settings;

/// The first argument of a worker process.
pub(crate) const WORKER: &str = "worker";

/// Some worker processes; they end with this value.
pub(crate) struct Fleet(Vec<Child>);

impl Fleet {
    /// Starts so many with the same settings but a name of their own.
    pub(crate) fn start(processes: usize, settings: &Settings) -> Self {
        let one = |number| {
            let name = format!("{}-{number}", settings.name);
            start(&Settings {
                name,
                ..settings.clone()
            })
        };
        Self((0..processes).map(one).collect())
    }

    fn pids(&self) -> Vec<u32> {
        self.0.iter().map(Child::id).collect()
    }

    /// CPU time so far.
    pub(crate) fn usage(&self) -> Usage {
        Usage::of(&self.pids())
    }

    /// Microseconds of CPU time of all since.
    pub(crate) fn cpu_micros_since(&self, before: &Usage) -> f64 {
        let now = self.usage();
        let each = (0..self.0.len()).map(|position| now.cpu_micros_since(before, position));
        each.sum()
    }

    /// Sends a signal to all at once.
    pub(crate) async fn signal(&self, name: &'static str) {
        let sending: JoinSet<()> = self
            .pids()
            .into_iter()
            .map(|pid| signal(pid, name))
            .collect();
        sending.join_all().await;
    }

    /// Closes their standard input, at which they stop, and waits.
    pub(crate) fn stop(mut self) {
        for child in &mut self.0 {
            drop(child.stdin.take());
        }
        for child in &mut self.0 {
            let _ = child.wait();
        }
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn start(settings: &Settings) -> Child {
    let own = std::env::current_exe().expect("the program's own path");
    let mut child = Command::new(own)
        .arg(WORKER)
        .stdin(Stdio::piped())
        .spawn()
        .expect("this program can be started again");
    let stdin = child.stdin.as_mut().expect("its input is piped");
    stdin
        .write_all(settings.to_line().as_bytes())
        .expect("it reads its settings");
    child
}
