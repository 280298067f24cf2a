//! The queue of a world, through the library and through a plain Redis client.

use kyc_domain::VerificationId;
use kyc_queue::{Config, Published, Queue, Results, Verification};
use redis::aio::MultiplexedConnection;

use super::World;
use crate::{Job, eventually};

impl World {
    /// Connects to the queue through the library.
    ///
    /// # Panics
    /// When Redis does not answer.
    pub async fn queue(&self) -> Queue {
        let queue = Queue::connect(Config::new(self.redis.url()), self.vault()).await;
        queue.expect("the queue can be opened")
    }

    /// Connects to Redis as any client does.
    ///
    /// # Panics
    /// When Redis does not answer.
    pub async fn redis(&self) -> MultiplexedConnection {
        let client = redis::Client::open(self.redis.url()).expect("the address is valid");
        let connection = client.get_multiplexed_async_connection().await;
        connection.expect("Redis answers")
    }

    /// Enqueues a job, and returns its id.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn enqueue(&self, queue: &Queue, job: &Job) -> VerificationId {
        let accepted = queue.enqueue(&job.request()).await;
        accepted.expect("the job is accepted").id
    }

    /// Reads the whole results stream.
    ///
    /// # Panics
    /// When it cannot be read.
    pub async fn published(&self, queue: &Queue) -> Vec<Published> {
        all(queue.results("0").await.expect("results can be read")).await
    }

    /// Reads the whole results stream of a tenant.
    ///
    /// # Panics
    /// When it cannot be read.
    pub async fn published_of(&self, queue: &Queue, tenant: &str) -> Vec<Published> {
        let results = queue.results_of(tenant, "0").await;
        all(results.expect("results can be read")).await
    }

    /// Asserts that no job waits or runs and that the inbox is empty.
    ///
    /// # Panics
    /// When a job is left.
    pub async fn nothing_left(&self, queue: &Queue) {
        let kinds: Vec<&str> = kyc_kinds::names().collect();
        let depths = queue
            .depths(&kinds)
            .await
            .expect("the queue can be looked at");
        let ready = depths.ready.values().sum::<u64>() + depths.coalesced;
        assert_eq!(
            (
                ready,
                depths.scheduled,
                depths.needs_decision,
                depths.running,
                depths.inbox
            ),
            (0, 0, 0, 0, 0),
            "{depths:?}"
        );
    }

    /// Reads a verification.
    ///
    /// # Panics
    /// When there is none.
    pub async fn look(&self, queue: &Queue, id: VerificationId) -> Verification {
        let known = queue.look(id).await.expect("the queue can be looked at");
        known.expect("the verification is known")
    }

    /// Waits until a verification has ended, and returns it.
    pub async fn end_of(&self, queue: &Queue, id: VerificationId) -> Verification {
        eventually("the verification ends", async || {
            Some(self.look(queue, id).await).filter(|known| known.state.is_final())
        })
        .await
    }
}

/// Reads until there is no more.
async fn all(mut results: Results) -> Vec<Published> {
    let mut all = Vec::new();
    loop {
        let next = results.next().await.expect("results can be read");
        if next.is_empty() {
            return all;
        }
        all.extend(next);
    }
}
