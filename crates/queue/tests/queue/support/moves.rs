//! A queue whose Redis changes its place while two workers are at it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use kyc_domain::VerificationId;
use kyc_queue::{Config, Queue, Results, State, WorkerConfig};
use kyc_sandbox::redis::PrivateRedis;
use kyc_vault::Keyring;
use redis::{FromRedisValue, aio::MultiplexedConnection};
use serde_json::json;
use tokio::{task::JoinHandle, time::timeout};

use super::{KINDS, LONG, Running, connect, eventually, found, handler, request, start, worker};

/// Sends a command to one server, whatever its place.
pub(crate) async fn command<T: FromRedisValue>(server: &PrivateRedis, words: &[&str]) -> T {
    let client = redis::Client::open(server.url()).unwrap();
    let mut raw: MultiplexedConnection = client.get_multiplexed_async_connection().await.unwrap();
    let mut command = redis::cmd(words[0]);
    command.arg(&words[1..]);
    command.query_async(&mut raw).await.unwrap()
}

/// A queue with two workers amid jobs of some milliseconds each.
pub(crate) struct Moving {
    pub(crate) queue: Queue,
    ids: Vec<VerificationId>,
    workers: [Running; 2],
    calls: Arc<AtomicU32>,
    follower: JoinHandle<Vec<String>>,
}

impl Moving {
    /// Connects twice to this address and begins to work; returns when some jobs have ended.
    pub(crate) async fn start(url: &str, jobs: usize) -> Self {
        let (config, keys) = (Config::new(url), Keyring::generate("test").unwrap());
        let queue = connect(&config, &keys).await;
        let second = connect(&config, &keys).await;
        let calls = Arc::new(AtomicU32::new(0));
        let slow = {
            let calls = Arc::clone(&calls);
            handler(move |job| {
                calls.fetch_add(1, SeqCst);
                async move {
                    tokio::time::sleep(Duration::from_millis(30)).await;
                    Ok(found(job.calls_before(), job.unanswered_before()))
                }
            })
        };
        let requests: Vec<_> = (0..jobs)
            .map(|nth| request("bvn", nth, json!({})))
            .collect();
        let follower = tokio::spawn(follow(queue.results("0").await.unwrap(), jobs));
        let accepted = queue.enqueue_all(&requests).await;
        let ids = accepted.into_iter().map(|accepted| accepted.unwrap().id);
        let moving = Self {
            ids: ids.collect(),
            workers: [
                start(&queue, short(worker("one")), Arc::clone(&slow)),
                start(&second, short(worker("two")), slow),
            ],
            queue,
            calls,
            follower,
        };
        moving.under_way(20).await;
        moving
    }

    /// What was followed while the queue moved: of an orderly move nothing is missed, and nothing comes twice.
    pub(crate) async fn followed(&mut self) {
        let mut followed = timeout(LONG, &mut self.follower).await.unwrap().unwrap();
        followed.sort_unstable();
        let mut ids: Vec<String> = self.ids.iter().map(ToString::to_string).collect();
        ids.sort_unstable();
        assert_eq!(followed, ids);
    }

    async fn under_way(&self, calls: u32) {
        eventually("work is under way", async || {
            (self.calls.load(SeqCst) >= calls).then_some(())
        })
        .await;
    }

    /// How often a job was begun.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(SeqCst) as usize
    }

    /// One more job.
    async fn enqueue(&mut self) -> VerificationId {
        let job = request("bvn", self.ids.len(), json!({}));
        let id = eventually("a job is accepted again", async || {
            self.queue
                .enqueue(&job)
                .await
                .ok()
                .map(|accepted| accepted.id)
        })
        .await;
        self.ids.push(id);
        id
    }

    /// The same workers do everything that is left, each job is published once, and they are woken as before.
    pub(crate) async fn all_is_well_again(mut self) {
        self.enqueue().await;
        let queue = &self.queue;
        eventually("all are done", async || {
            let depths = queue.depths(&KINDS).await.ok()?;
            (depths.completed == self.ids.len() as u64).then_some(())
        })
        .await;
        assert!(self.workers.iter().all(Running::is_alive));
        for id in &self.ids {
            let known = queue.look(*id).await.unwrap().unwrap();
            assert_eq!(known.state, State::Completed, "{known:?}");
        }
        self.woken().await;
        self.published_once().await;
        self.follower.abort();
        for worker in self.workers {
            worker.stop().await;
        }
    }

    /// Without a wake-up a sleeper looks once a second: ten jobs, one after the other, take longer than this.
    async fn woken(&mut self) {
        const WOKEN: Duration = Duration::from_millis(1500);
        let deadline = Instant::now() + LONG;
        loop {
            let begun = Instant::now();
            for _ in 0..10 {
                let id = self.enqueue().await;
                let known = self.queue.wait(id, LONG).await.unwrap().unwrap();
                assert_eq!(known.state, State::Completed, "{known:?}");
            }
            if begun.elapsed() < WOKEN {
                return;
            }
            assert!(Instant::now() < deadline, "nobody is woken");
        }
    }

    async fn published_once(&self) {
        let mut results = self.queue.results("0").await.unwrap();
        let mut published = Vec::new();
        loop {
            let entries = results.next().await.unwrap();
            if entries.is_empty() {
                break;
            }
            published.extend(entries.into_iter().map(|entry| entry.id));
        }
        published.sort_unstable();
        let mut ids: Vec<String> = self.ids.iter().map(ToString::to_string).collect();
        ids.sort_unstable();
        assert_eq!(published, ids, "each is published, and once");
    }
}

/// Reads on through whatever happens, until there are that many.
async fn follow(mut results: Results, count: usize) -> Vec<String> {
    let mut followed = Vec::new();
    while followed.len() < count {
        match results.next().await {
            Ok(entries) => followed.extend(entries.into_iter().map(|entry| entry.id)),
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
    followed
}

/// Long enough for a change of place, short enough to be waited for.
fn short(config: WorkerConfig) -> WorkerConfig {
    WorkerConfig {
        lease: Duration::from_secs(8),
        max_stalls: 10,
        ..config
    }
}
