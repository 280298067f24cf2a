//! A worker whose jobs cost nothing, so that only the cost of the queue is measured.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use apalis::prelude::{Data, Monitor, WorkerBuilder};
use jiff::Timestamp;
use kyc_domain::{
    AmbiguousCalls, AttemptContext, CallDetails, Class, Failure, Outcome, Policy, Verdict, settle,
};
use kyc_queue::{Backend, Circuit, Config, Decide, Leased, NoImages, Queue, WorkerConfig};
use kyc_vault::{Keyring, Vault};
use serde_json::{Value, json};
use tokio::{
    runtime::Runtime,
    sync::{mpsc::UnboundedSender, oneshot},
};

use crate::shared::record::Sent;

/// The settings of a worker.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) redis_url: String,
    /// The name of the queue.
    pub(crate) namespace: String,
    pub(crate) keys: String,
    pub(crate) name: String,
    pub(crate) concurrency: usize,
    /// How long completed jobs are retained, if not for the default time.
    pub(crate) keep_completed: Option<Duration>,
    /// The folder for the record of what it sent, if there is one.
    pub(crate) record: Option<PathBuf>,
}

impl Settings {
    /// Writes the settings as one line for a worker process.
    pub(crate) fn to_line(&self) -> String {
        let keep_ms = self.keep_completed.map(|keep| keep.as_millis() as u64);
        let all = json!({"redis_url": self.redis_url, "namespace": self.namespace, "keys": self.keys,
            "name": self.name, "concurrency": self.concurrency, "keep_ms": keep_ms,
            "record": self.record});
        format!("{all}\n")
    }

    fn read(line: &str) -> Self {
        let all: Value = serde_json::from_str(line).expect("settings are one line of JSON");
        let text = |name: &str| all[name].as_str().expect("a text").to_owned();
        Self {
            redis_url: text("redis_url"),
            namespace: text("namespace"),
            keys: text("keys"),
            name: text("name"),
            concurrency: all["concurrency"].as_u64().expect("a number") as usize,
            keep_completed: all["keep_ms"].as_u64().map(Duration::from_millis),
            record: all["record"].as_str().map(PathBuf::from),
        }
    }

    /// Opens the queue with a new connection.
    pub(crate) async fn connect(&self) -> Queue {
        let mut config = Config::new(&self.redis_url);
        config.namespace.clone_from(&self.namespace);
        config.keep_completed = self.keep_completed.unwrap_or(config.keep_completed);
        let vault = Vault::new(Keyring::parse(&self.keys).expect("the key just made"));
        Queue::connect(config, vault)
            .await
            .expect("the private Redis answers")
    }
}

/// Runs a worker process. The first line of standard input has its settings, and it stops when standard input ends.
pub(crate) fn process() {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).expect("a line");
    let settings = Settings::read(&line);
    let (stop, stopped) = oneshot::channel();
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        drop(stop);
    });
    // The same runtime as in `kyc work`. The cost of the log is measured by `pipeline`.
    let runtime = Runtime::new().expect("a runtime");
    runtime.block_on(work(settings, stopped, None));
}

/// Works until it is stopped. Sends the time of every start of a job to `started`, if there is such a channel.
pub(crate) async fn work(
    settings: Settings,
    stopped: oneshot::Receiver<()>,
    started: Option<UnboundedSender<Instant>>,
) {
    let queue = settings.connect().await;
    let config = WorkerConfig {
        name: settings.name.clone(),
        kinds: kyc_kinds::names().collect(),
        image_kinds: kyc_kinds::with_images().collect(),
        concurrency: settings.concurrency,
        lease: Duration::from_secs(15),
        max_stalls: 3,
        slot_tolerance: Duration::from_millis(10),
        circuit: Circuit::default(),
        ambiguous_calls: AmbiguousCalls::Retry,
    };
    let backend = Backend::new(queue, config, decide(), Arc::new(NoImages));
    let releaser = backend.releaser();
    let sent = settings.record.as_ref().map(|_| Arc::<Sent>::default());
    let told = Told {
        started,
        sent: sent.clone(),
    };
    let backend = Mutex::new(Some(backend));
    let name = settings.name.clone();
    let monitor = Monitor::new().register(move |_| {
        let backend = backend.lock().expect("no panic").take();
        WorkerBuilder::new(name.as_str())
            .backend(backend.expect("a worker is built once"))
            .data(told.clone())
            .build(nothing)
    });
    let signal = async {
        let _ = stopped.await;
        Ok(())
    };
    monitor.run_with_signal(signal).await.expect("a good end");
    releaser.release().await;
    if let (Some(folder), Some(sent)) = (&settings.record, sent) {
        sent.write(&folder.join(&settings.name));
    }
}

/// The receivers of reports from the jobs.
#[derive(Clone)]
struct Told {
    started: Option<UnboundedSender<Instant>>,
    sent: Option<Arc<Sent>>,
}

fn decide() -> Decide {
    let policy = Policy::default();
    let delay = Duration::from_secs(1);
    Arc::new(move |failure, context| settle(failure, &AttemptContext { delay, ..context }, &policy))
}

async fn nothing(job: Leased, told: Data<Told>) -> Result<Outcome, Failure> {
    if let Some(started) = &told.started {
        // The receiver may have been dropped.
        let _ = started.send(Instant::now());
    }
    let slot = job.into_leave().slot();
    let spent = slot.expect("answers are not reused here").spend().await;
    if let Some(sent) = &told.sent {
        sent.tell(spent.is_ok());
    }
    spent.map_err(|missed| Failure::new(Class::Missed, missed.code(), missed.to_string()))?;
    Ok(Outcome {
        verdict: Verdict::Found,
        checks: Vec::new(),
        reasons: Vec::new(),
        record: None,
        provider_data: None,
        message: None,
        images: Vec::new(),
        call_details: CallDetails {
            calls: 1,
            unanswered_calls: 0,
            http_status: Some(200),
            requested_at: Timestamp::UNIX_EPOCH,
            call_ms: 1,
            sandbox: true,
        },
        reused: None,
        purpose: None,
        consent: None,
    })
}
