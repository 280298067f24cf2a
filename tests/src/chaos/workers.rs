//! The workers of a run: real processes that are restarted when they end, as a supervisor does.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Mutex, MutexGuard},
    time::{Instant, sleep},
};

use crate::{Program, World};

/// The interval at which workers are checked.
const LOOK: Duration = Duration::from_millis(50);

/// The pause between a worker's end and its restart.
const REST: Duration = Duration::from_millis(300);

/// The log message of a worker that has started.
const AT_WORK: &str = "Worker started";

/// Counts of worker processes by their end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Ended after their start without a signal from the tool, or failed when they were stopped.
    pub died: u64,
    /// Ended before they had started, as workers do that cannot reach Redis.
    pub refused_to_start: u64,
    /// Panicked, according to their logs.
    pub panicked: u64,
}

/// One worker, which may be restarted many times.
pub(super) struct Worker {
    number: usize,
    life: u32,
    program: Program,
    tally: Tally,
}

/// All workers, and their settings beside the world's.
pub(super) struct Workers {
    world: Arc<Mutex<World>>,
    settings: Mutex<Vec<(&'static str, String)>>,
    all: Vec<Mutex<Worker>>,
}

impl Workers {
    /// Starts `count` workers.
    pub(super) async fn start(
        world: Arc<Mutex<World>>,
        settings: Vec<(&'static str, String)>,
        count: usize,
    ) -> Self {
        let mut workers = Self {
            world,
            settings: Mutex::new(settings),
            all: Vec::new(),
        };
        for number in 0..count {
            let program = workers.program(number, 0).await;
            let worker = Worker {
                number,
                life: 0,
                program,
                tally: Tally::default(),
            };
            workers.all.push(Mutex::new(worker));
        }
        workers
    }

    async fn program(&self, number: usize, life: u32) -> Program {
        let name = format!("worker-{number}-{life}");
        let world = self.world.lock().await;
        let mut command = world.kyc(["work", "--until-stdin-ends", "--name", &name]);
        for (key, value) in &*self.settings.lock().await {
            command.env(format!("KYC_{}", key.to_uppercase()), value);
        }
        world.start(&name, &mut command)
    }

    /// Returns whether all workers have started.
    pub(super) async fn at_work(&self) -> bool {
        for worker in &self.all {
            if !worker.lock().await.is_at_work() {
                return false;
            }
        }
        true
    }

    /// Restarts each worker that ends. Does not return.
    pub(super) async fn keep(&self) {
        loop {
            for worker in &self.all {
                // A worker that is locked belongs to a fault.
                let Ok(mut worker) = worker.try_lock() else {
                    continue;
                };
                if worker.program.over().is_some() {
                    worker.count_end();
                    sleep(REST).await;
                    self.next_life(&mut worker).await;
                }
            }
            sleep(LOOK).await;
        }
    }

    async fn next_life(&self, worker: &mut MutexGuard<'_, Worker>) {
        worker.tally.panicked += u64::from(worker.program.log().contains("panicked"));
        worker.life += 1;
        worker.program = self.program(worker.number, worker.life).await;
    }

    /// Kills a worker, and restarts it after `down`.
    pub(super) async fn kill(&self, number: usize, down: Duration) {
        let mut worker = self.all[number].lock().await;
        if worker.program.over().is_some() {
            worker.count_end();
        } else {
            worker.program.kill9().await;
        }
        sleep(down).await;
        self.next_life(&mut worker).await;
    }

    /// Stops all workers, and restarts them with an additional setting.
    pub(super) async fn learn(&self, key: &'static str, value: &str) {
        self.settings.lock().await.push((key, value.to_owned()));
        for worker in &self.all {
            let mut worker = worker.lock().await;
            if worker.program.over().is_some() {
                worker.count_end();
            } else {
                let code = worker.program.terminate().await;
                worker.tally.died += u64::from(code != 0);
            }
            self.next_life(&mut worker).await;
        }
    }

    /// Freezes a worker for a while, unless it has just ended.
    pub(super) async fn stop(&self, number: usize, lasts: Duration) {
        let mut worker = self.all[number].lock().await;
        if worker.program.over().is_none() {
            worker.program.signal("STOP").await;
            sleep(lasts).await;
            worker.program.signal("CONT").await;
        }
    }

    /// Stops all workers, and returns the counts of all their processes.
    pub(super) async fn end(&self, patience: Duration) -> Tally {
        let mut whole = Tally::default();
        for worker in &self.all {
            let mut worker = worker.lock().await;
            if worker.program.over().is_none() {
                worker.program.signal("TERM").await;
            }
        }
        for worker in &self.all {
            let mut worker = worker.lock().await;
            let until = Instant::now() + patience;
            let mut ended = worker.program.over();
            while ended.is_none() && Instant::now() < until {
                sleep(LOOK).await;
                ended = worker.program.over();
            }
            worker.tally.died += u64::from(ended.is_none_or(|status| !status.success()));
            worker.tally.panicked += u64::from(worker.program.log().contains("panicked"));
            whole.died += worker.tally.died;
            whole.refused_to_start += worker.tally.refused_to_start;
            whole.panicked += worker.tally.panicked;
        }
        whole
    }
}

impl Worker {
    fn is_at_work(&self) -> bool {
        self.program.log().contains(AT_WORK)
    }

    fn count_end(&mut self) {
        if self.is_at_work() {
            self.tally.died += 1;
        } else {
            self.tally.refused_to_start += 1;
        }
    }
}
