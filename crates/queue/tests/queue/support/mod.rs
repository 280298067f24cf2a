//! A Redis, a queue on it and workers: what every test begins with.

mod jobs;
mod moves;
mod play;
mod stopping;
mod store;
mod workers;

use std::{future::Future, path::PathBuf, time::Duration};

use kyc_domain::{Request, VerificationId};
use kyc_queue::{Config, Depths, Enqueued, Published, Queue, State, Verification};
use kyc_sandbox::redis::{Options, PrivateRedis};
use kyc_vault::{Keyring, Vault};
use redis::{AsyncCommands as _, aio::MultiplexedConnection};

pub(crate) use jobs::{failed, found, number, request, transient};
pub(crate) use moves::{Moving, command};
pub(crate) use play::{DAY_MS, MANY, Play, SESSION, SETTLE_AGAIN, complete, lease, settle};
pub(crate) use stopping::{Act, Stage, words};
pub(crate) use store::{
    connected, durable, field, key_of, opened, opening, records_in, store_in, stored, with_store,
};
pub(crate) use workers::{
    Handler, Running, handler, policy, run, start, start_storing, start_with, worker, worker_of,
};

/// The kinds that tests use.
pub(crate) const KINDS: [&str; 2] = ["bvn", "nin"];

/// A private Redis and a queue on it. Ends with [`Case::done`], which fails a test that leaves jobs behind.
pub(crate) struct Case {
    pub(crate) redis: PrivateRedis,
    pub(crate) queue: Queue,
    pub(crate) config: Config,
    keys: String,
}

impl Case {
    pub(crate) async fn start() -> Self {
        Self::with(|_| (), Options::default()).await
    }

    pub(crate) async fn with(adjust: impl FnOnce(&mut Config), options: Options) -> Self {
        let options = Options {
            binary: binary(),
            ..options
        };
        let redis = PrivateRedis::start(options).unwrap();
        let mut config = Config::new(redis.url());
        adjust(&mut config);
        let keys = Keyring::generate("test").unwrap();
        let queue = connect(&config, &keys).await;
        Self {
            redis,
            queue,
            config,
            keys,
        }
    }

    /// The queue over a connection of its own, whose driver lives on the runtime that asks.
    pub(crate) async fn another_queue(&self) -> Queue {
        connect(&self.config, &self.keys).await
    }

    /// What a thread with a runtime of its own needs to connect.
    pub(crate) fn address(&self) -> (Config, String) {
        (self.config.clone(), self.keys.clone())
    }

    /// A plain connection, to look and to break things.
    pub(crate) async fn raw(&self) -> MultiplexedConnection {
        let client = redis::Client::open(self.redis.url()).unwrap();
        client.get_multiplexed_async_connection().await.unwrap()
    }

    pub(crate) async fn enqueue(&self, request: &Request) -> Enqueued {
        self.queue.enqueue(request).await.unwrap()
    }

    pub(crate) async fn look(&self, id: VerificationId) -> Verification {
        self.queue.look(id).await.unwrap().unwrap()
    }

    pub(crate) async fn depths(&self) -> Depths {
        self.queue.depths(&KINDS).await.unwrap()
    }

    /// Waits for the end of a job.
    pub(crate) async fn ended(&self, id: VerificationId) -> Verification {
        let known = self.queue.wait(id, LONG).await.unwrap().unwrap();
        assert!(known.state.is_final(), "{known:?}");
        known
    }

    pub(crate) async fn completed(&self, id: VerificationId) -> Verification {
        let known = self.ended(id).await;
        assert_eq!(known.state, State::Completed, "{known:?}");
        known
    }

    pub(crate) async fn dead(&self, id: VerificationId) -> Verification {
        let known = self.ended(id).await;
        assert_eq!(known.state, State::Dead, "{known:?}");
        known
    }

    /// Everything that was published so far.
    pub(crate) async fn published(&self) -> Vec<Published> {
        let mut asked = self.raw().await;
        let length: usize = asked.xlen(self.key("results")).await.unwrap();
        let mut results = self.queue.results("0").await.unwrap();
        let mut all = Vec::new();
        while all.len() < length {
            all.extend(results.next().await.unwrap());
        }
        all
    }

    /// A key of this queue.
    pub(crate) fn key(&self, name: &str) -> String {
        format!("{{kyc}}:{name}")
    }

    /// Nothing waits, nothing runs, and every job that ended was published once.
    pub(crate) async fn done(&self) {
        let depths = self.depths().await;
        let waiting = depths.ready.values().sum::<u64>() + depths.scheduled + depths.needs_decision;
        let waiting = waiting + depths.coalesced + depths.inbox;
        assert_eq!((waiting, depths.running), (0, 0), "left behind: {depths:?}");
        let published = self.published().await;
        let mut ids: Vec<&str> = published.iter().map(|entry| entry.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), published.len(), "published twice");
    }
}

/// The bound of every wait: far more than anything should take.
pub(crate) const LONG: Duration = Duration::from_secs(25);

pub(crate) async fn connect(config: &Config, keys: &str) -> Queue {
    Queue::connect(config.clone(), Vault::new(Keyring::parse(keys).unwrap()))
        .await
        .unwrap()
}

/// Asks again and again until there is an answer; fails after [`LONG`].
pub(crate) async fn eventually<T, F>(what: &str, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let asking = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LONG, asking)
        .await
        .unwrap_or_else(|_| panic!("not in time: {what}"))
}

/// `KYC_REDIS_SERVER`, or what is on the `PATH`.
pub(crate) fn binary() -> Option<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests are told by their runner which redis-server to use"
    )]
    std::env::var_os("KYC_REDIS_SERVER").map(PathBuf::from)
}
