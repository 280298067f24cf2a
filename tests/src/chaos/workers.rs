//! The workers of a run: real processes, started again when they end, as any supervisor does.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Mutex, MutexGuard},
    time::{Instant, sleep},
};

use crate::{Program, World};

/// How often it is looked whether a worker has ended.
const LOOK: Duration = Duration::from_millis(50);

/// Between a worker's end and its next life.
const REST: Duration = Duration::from_millis(300);

/// A worker says this once it is at work.
const AT_WORK: &str = "Worker started";

/// What became of worker processes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Ended at work without a signal of ours, or did not end well when told to.
    pub died: u64,
    /// Ended before they were at work, as they do where Redis is away.
    pub refused_to_start: u64,
    /// Panicked, by their logs.
    pub panicked: u64,
}

/// One worker with its lives.
pub(super) struct Worker {
    number: usize,
    life: u32,
    program: Program,
    tally: Tally,
}

/// All workers, and the settings they get beside the world's.
pub(super) struct Workers {
    world: Arc<Mutex<World>>,
    settings: Mutex<Vec<(&'static str, String)>>,
    all: Vec<Mutex<Worker>>,
}

impl Workers {
    /// Starts them.
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

    /// Whether all are at work.
    pub(super) async fn at_work(&self) -> bool {
        for worker in &self.all {
            if !worker.lock().await.is_at_work() {
                return false;
            }
        }
        true
    }

    /// Starts each again that ends, until this is dropped.
    pub(super) async fn keep(&self) {
        loop {
            for worker in &self.all {
                // One that a fault has in its hands is that fault's.
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

    /// Kills one, and starts it again after a while.
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

    /// Tells all to stop, and starts them again with a setting more.
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

    /// Freezes one for a while. One that has just ended is left alone.
    pub(super) async fn stop(&self, number: usize, lasts: Duration) {
        let mut worker = self.all[number].lock().await;
        if worker.program.over().is_none() {
            worker.program.signal("STOP").await;
            sleep(lasts).await;
            worker.program.signal("CONT").await;
        }
    }

    /// Tells all to stop, and answers what became of them and of those before.
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
