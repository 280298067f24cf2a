//! Injects the planned faults.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use kyc_queue::{Error, Filter, Place, Queue};
use kyc_sandbox::Trouble;
use tokio::{
    sync::Mutex,
    task::{JoinSet, block_in_place},
    time::{Instant, sleep, sleep_until, timeout},
};

use super::{
    plan::{Fault, Planned},
    workers::Workers,
};
use crate::{World, proxy::Proxy};

/// How long the queue may take to answer before a fault begins: another fault may delay it.
const GLANCE: Duration = Duration::from_millis(300);

/// The system that faults are injected into.
pub(super) struct Stage {
    pub world: Arc<Mutex<World>>,
    pub proxy: Proxy,
    pub workers: Workers,
    /// Connected without the proxy.
    pub queue: Queue,
}

/// A fault that happened. Times are in milliseconds since 1970, as in the results stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Happened {
    pub fault: Fault,
    pub began_ms: u64,
    pub ended_ms: u64,
    /// The number of running jobs of all workers right before the fault, or `None` if Redis did not answer.
    pub under_way: Option<u64>,
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(0))
}

/// Injects each planned fault at its time. Returns when all faults are over.
pub(super) async fn inject(stage: &Arc<Stage>, plan: &[Planned]) -> Vec<Happened> {
    let start = Instant::now();
    let mut running = JoinSet::new();
    for planned in plan.iter().copied() {
        let stage = Arc::clone(stage);
        running.spawn(async move {
            sleep_until(start + planned.at).await;
            stage.happen(planned).await
        });
    }
    let mut happened = running.join_all().await;
    happened.sort_by_key(|happened| happened.began_ms);
    happened
}

impl Stage {
    async fn happen(&self, planned: Planned) -> Happened {
        let depths = timeout(GLANCE, self.queue.depths(&[])).await;
        let under_way = depths.ok().and_then(Result::ok).map(|now| now.running);
        let began_ms = now_ms();
        let Planned { fault, lasts, .. } = planned;
        match (fault, planned.worker) {
            (Fault::Kill, Some(worker)) => self.workers.kill(worker, lasts).await,
            (Fault::Stop, Some(worker)) => self.workers.stop(worker, lasts).await,
            (Fault::RedisRestart, _) => self.restart_redis(lasts).await,
            (Fault::RedisHang, _) => self.hang_redis(lasts).await,
            (Fault::LoseReply, _) => {
                // The next script that any process calls loses its reply.
                drop(self.proxy.lose_reply_of("EVALSHA"));
                sleep(lasts).await;
            }
            (Fault::BlobFail, _) => self.fail_blobs(lasts).await,
            (Fault::OddAnswer, _) => self.answer_oddly(lasts).await,
            _ => {
                self.proxy.cut();
                sleep(lasts).await;
                self.proxy.mend();
            }
        }
        Happened {
            fault,
            began_ms,
            ended_ms: now_ms(),
            under_way,
        }
    }

    async fn restart_redis(&self, down: Duration) {
        let killed = self.world.lock().await.redis_server().kill();
        killed.expect("the server can be signalled");
        sleep(down).await;
        let mut world = self.world.lock().await;
        let restarted = block_in_place(|| world.redis_server().restart());
        restarted.expect("the server starts again on its files");
    }

    /// Puts a file in the folder's place, so that not even root can write into the folder.
    async fn fail_blobs(&self, lasts: Duration) {
        let folder = self.world.lock().await.blobs();
        let aside = folder.with_extension("aside");
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        std::fs::rename(&folder, &aside).expect("it can be renamed");
        std::fs::write(&folder, "").expect("a file fits in its place");
        sleep(lasts).await;
        std::fs::remove_file(&folder).expect("the file is there");
        std::fs::rename(&aside, &folder).expect("it can be renamed");
    }

    /// Sends unreadable answers for a while. Then resumes the kinds that were parked by them, if Redis answers.
    async fn answer_oddly(&self, lasts: Duration) {
        self.world
            .lock()
            .await
            .sandbox()
            .trouble(Trouble::odd_answers());
        sleep(lasts).await;
        self.world.lock().await.sandbox().clear();
        // Answers that were under way may park a kind again.
        sleep(GLANCE).await;
        let _ = timeout(GLANCE, self.go_on()).await;
    }

    /// Resumes all kinds that were parked for unreadable answers.
    pub(super) async fn go_on(&self) -> Result<(), Error> {
        for kind in kyc_kinds::names() {
            let parked = self.queue.parked(&[kind]).await?;
            if parked
                .iter()
                .any(|parked| parked.reason == "unreadable_answers")
            {
                self.queue.resume(kind).await?;
            }
        }
        Ok(())
    }

    /// Restarts the workers with a setting by which they can read the retained answers of dead jobs, and has those answers
    /// read again.
    ///
    /// # Panics
    /// When Redis does not answer, although all faults are over.
    pub(super) async fn read_again(&self) {
        self.workers.learn("success_words", "success,done").await;
        let kinds: Vec<&str> = kyc_kinds::names().collect();
        let filter = Filter {
            code: Some("unreadable_answer".to_owned()),
            ..Filter::all(Place::Dead)
        };
        self.go_on().await.expect("Redis answers");
        let dead = self
            .queue
            .select(&filter, &kinds)
            .await
            .expect("Redis answers");
        self.queue.reread(&dead).await.expect("Redis answers");
    }

    async fn hang_redis(&self, lasts: Duration) {
        let paused = self.world.lock().await.redis_server().pause();
        paused.expect("the server can be signalled");
        sleep(lasts).await;
        let resumed = self.world.lock().await.redis_server().resume();
        resumed.expect("the server can be signalled");
    }
}
