//! Leasing without a worker: a real worker's call is captured from the slow log of Redis and repeated. The measurement thus
//! covers the real script with real arguments, and nothing else.

use redis::{Value, aio::MultiplexedConnection};

use crate::shared::stage::Stage;

/// Positions in the call: `EVALSHA`, hash, number of keys, key, and then the arguments.
const SESSION: usize = 4;
const BATCH: usize = 5;
const TURN: usize = 6;
const WANTED: usize = 7;
const LEASE: usize = 8;

/// A captured call that can be repeated without a worker.
pub(crate) struct Lease {
    redis: MultiplexedConnection,
    words: Vec<Vec<u8>>,
    /// The number of values that the script returns before the jobs.
    before_jobs: usize,
    batch: usize,
    turn: usize,
}

impl Lease {
    /// Runs a worker on the empty queue until its lease call is captured.
    pub(crate) async fn overhear(stage: &mut Stage) -> Self {
        stage.slow.log_from(0).await;
        let fleet = stage.fleet(1);
        let mut words = stage.slow.overhear("lease").await;
        fleet.stop();
        stage.slow.log_usual().await;
        words[SESSION] = b"bench~1".to_vec();
        // The lease is long, since nothing renews it.
        words[LEASE] = b"3600000".to_vec();
        let mut lease = Self {
            redis: stage.raw(),
            words,
            before_jobs: 0,
            batch: 1,
            turn: 0,
        };
        // The queue is still empty.
        lease.before_jobs = lease.answer(1).await.len();
        lease
    }

    /// Leases up to `wanted` jobs, which stay leased. Returns the number of jobs.
    pub(crate) async fn call(&mut self, wanted: usize) -> usize {
        let jobs = self.answer(wanted).await.len() - self.before_jobs;
        // A worker's session counts in the same way.
        self.batch += usize::from(jobs > 0);
        self.turn += 1;
        jobs
    }

    async fn answer(&mut self, wanted: usize) -> Vec<Value> {
        for (place, number) in [(BATCH, self.batch), (TURN, self.turn), (WANTED, wanted)] {
            self.words[place] = number.to_string().into_bytes();
        }
        let mut call = redis::Cmd::new();
        for word in &self.words {
            call.arg(word);
        }
        call.query_async(&mut self.redis)
            .await
            .expect("the private Redis answers")
    }
}
