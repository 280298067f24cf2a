//! Worker processes, which run this program in another role.

use std::{
    io::Write,
    process::{Child, Command, Stdio},
};

use kyc_tests::{Usage, signal};
use tokio::task::JoinSet;

use crate::shared::noop::Settings;

/// The first argument of a worker process.
pub(crate) const WORKER: &str = "worker";

/// Worker processes. They end when this value is dropped.
pub(crate) struct Fleet(Vec<Child>);

impl Fleet {
    /// Starts `processes` workers with the same settings, each with its own name.
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

    /// Reads their CPU time.
    pub(crate) fn usage(&self) -> Usage {
        Usage::of(&self.pids())
    }

    /// Returns the microseconds of CPU time of all of them since `before`.
    pub(crate) fn cpu_micros_since(&self, before: &Usage) -> f64 {
        let now = self.usage();
        let each = (0..self.0.len()).map(|position| now.cpu_micros_since(before, position));
        each.sum()
    }

    /// Sends a signal to all of them at the same time.
    pub(crate) async fn signal(&self, name: &'static str) {
        let sending: JoinSet<()> = self
            .pids()
            .into_iter()
            .map(|pid| signal(pid, name))
            .collect();
        sending.join_all().await;
    }

    /// Stops them by closing their standard input, and waits.
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
