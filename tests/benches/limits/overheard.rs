//! Leasing without a worker: the call of a real one, overheard in Redis' own log, is made again and again. So it is the
//! script that workers call, with the arguments that they give it, and nothing else is measured.

use redis::{Value, aio::MultiplexedConnection};

use crate::shared::stage::Stage;

/// Where the words of the call stand: `EVALSHA`, hash, number of keys, key, and then the arguments.
const SESSION: usize = 4;
const BATCH: usize = 5;
const TURN: usize = 6;
const WANTED: usize = 7;
const LEASE: usize = 8;

/// A worker's call, to be made by nobody in particular.
pub(crate) struct Lease {
    redis: MultiplexedConnection,
    words: Vec<Vec<u8>>,
    /// How many values the script answers before the jobs.
    before_jobs: usize,
    batch: usize,
    turn: usize,
}

impl Lease {
    /// Starts a worker on the empty queue until it was heard to lease.
    pub(crate) async fn overhear(stage: &mut Stage) -> Self {
        stage.slow.log_from(0).await;
        let fleet = stage.fleet(1);
        let mut words = stage.slow.overhear("lease").await;
        fleet.stop();
        stage.slow.log_usual().await;
        words[SESSION] = b"bench~1".to_vec();
        // Nobody renews it.
        words[LEASE] = b"3600000".to_vec();
        let mut lease = Self {
            redis: stage.raw(),
            words,
            before_jobs: 0,
            batch: 1,
            turn: 0,
        };
        // No job is there yet.
        lease.before_jobs = lease.answer(1).await.len();
        lease
    }

    /// Leases up to so many jobs, which then stay leased; answers how many there were.
    pub(crate) async fn call(&mut self, wanted: usize) -> usize {
        let jobs = self.answer(wanted).await.len() - self.before_jobs;
        // As a worker's session does.
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
            .expect("Redis is ours")
    }
}
