//! The readers of the inbox: one of the installation's stream, and one of each tenant's.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use kyc_domain::{Refusals, Request};
use kyc_kinds::Rules;
use kyc_queue::{Accepts, Inbox, Queue};
use tokio::task::JoinSet;

/// The pause before a reader is restarted, because the cause of its end may persist.
const PAUSE: Duration = Duration::from_secs(1);
/// How often the list of tenants is read.
const BETWEEN_READINGS: Duration = Duration::from_secs(2);

type Parse = Box<dyn Fn(&[u8]) -> Result<Request, Refusals> + Send + Sync>;
type Reader = Arc<Inbox<Parse>>;

/// All readers of a worker.
pub(crate) struct Inboxes {
    queue: Queue,
    worker: String,
    accepts: Accepts,
    rules: Rules,
    own: Reader,
    tenants: Mutex<BTreeMap<String, Reader>>,
    stopped: AtomicBool,
}

impl Inboxes {
    pub(crate) fn new(queue: Queue, worker: String, accepts: Accepts, rules: Rules) -> Self {
        let own = reader(&queue, &worker, accepts, rules);
        Self {
            own: Arc::new(own),
            queue,
            worker,
            accepts,
            rules,
            tenants: Mutex::default(),
            stopped: AtomicBool::new(false),
        }
    }

    /// Lets all readers take what they have read, and end.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, SeqCst);
        self.own.stop();
        self.lock().values().for_each(|reader| reader.stop());
    }

    /// Reads until it is stopped. A tenant that is added is read from within seconds.
    pub(crate) async fn keep_reading(self: Arc<Self>) {
        tokio::spawn(keep_reading(Arc::clone(&self.own)));
        while !self.stopped.load(SeqCst) {
            // Trouble with Redis is reported by the readers.
            if let Ok(tenants) = self.queue.tenants().await {
                self.update(&tenants);
            }
            tokio::time::sleep(BETWEEN_READINGS).await;
        }
    }

    /// Starts readers of new tenants, and stops those of tenants that were removed.
    fn update(&self, tenants: &[String]) {
        let mut readers = self.lock();
        readers.retain(|tenant, reader| {
            let stays = tenants.contains(tenant);
            if !stays {
                reader.stop();
            }
            stays
        });
        let other = tenants.iter().filter(|tenant| *tenant != "default");
        for tenant in other.filter(|_| !self.stopped.load(SeqCst)) {
            readers.entry(tenant.clone()).or_insert_with(|| {
                let reader = reader(&self.queue, &self.worker, self.accepts, self.rules);
                let reader = Arc::new(reader.of_tenant(tenant));
                tokio::spawn(keep_reading(Arc::clone(&reader)));
                reader
            });
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Reader>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn reader(queue: &Queue, worker: &str, accepts: Accepts, rules: Rules) -> Inbox<Parse> {
    let parse: Parse = Box::new(move |job| kyc_kinds::parse(job, rules));
    Inbox::new(queue.clone(), worker, parse).accepting(accepts)
}

/// Reads one stream until its reader is stopped. A worker whose reader ended would look healthy and accept nothing.
async fn keep_reading(reader: Reader) {
    // A set, so that the reading ends with this task.
    let mut reading = JoinSet::new();
    loop {
        let running = Arc::clone(&reader);
        reading.spawn(async move { running.run().await });
        reading.join_next().await;
        if reader.is_stopped() {
            return;
        }
        tracing::error!("Reading of the inbox ended; starting it again");
        tokio::time::sleep(PAUSE).await;
    }
}
