//! A worker whose jobs cost nothing: what is left is the queue's own part.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use apalis::prelude::{Data, Monitor, WorkerBuilder};
use jiff::Timestamp;
use kyc_domain::{Class, Facts, Failure, Outcome, Policy, Progress, Verdict, settle};
use kyc_queue::{Backend, Circuit, Config, Decide, Leased, Queue, WorkerConfig};
use kyc_vault::{Keyring, Vault};
use serde_json::{Value, json};
use tokio::{
    runtime::Runtime,
    sync::{mpsc::UnboundedSender, oneshot},
};

/// What a worker has to know.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) redis_url: String,
    pub(crate) keys: String,
    pub(crate) name: String,
    pub(crate) concurrency: usize,
    /// How long completed jobs are kept, where it is not as usual.
    pub(crate) keep_completed: Option<Duration>,
}

impl Settings {
    /// One line, as a process of its own reads it.
    pub(crate) fn to_line(&self) -> String {
        let keep_ms = self.keep_completed.map(|keep| keep.as_millis() as u64);
        let all = json!({"redis_url": self.redis_url, "keys": self.keys, "name": self.name,
            "concurrency": self.concurrency, "keep_ms": keep_ms});
        format!("{all}\n")
    }

    fn read(line: &str) -> Self {
        let all: Value = serde_json::from_str(line).expect("settings are one line of JSON");
        let text = |name: &str| all[name].as_str().expect("a text").to_owned();
        Self {
            redis_url: text("redis_url"),
            keys: text("keys"),
            name: text("name"),
            concurrency: all["concurrency"].as_u64().expect("a number") as usize,
            keep_completed: all["keep_ms"].as_u64().map(Duration::from_millis),
        }
    }

    /// The queue, over a connection of its own.
    pub(crate) async fn connect(&self) -> Queue {
        let mut config = Config::new(&self.redis_url);
        config.keep_completed = self.keep_completed.unwrap_or(config.keep_completed);
        let vault = Vault::new(Keyring::parse(&self.keys).expect("the key just made"));
        Queue::connect(config, vault).await.expect("Redis is ours")
    }
}

/// The worker as a process: its settings are the first line of standard input, at whose end it stops.
pub(crate) fn process() {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).expect("a line");
    let settings = Settings::read(&line);
    let (stop, stopped) = oneshot::channel();
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        drop(stop);
    });
    // As `kyc work` makes it. There is no log: its cost is the pipeline's.
    let runtime = Runtime::new().expect("a runtime");
    runtime.block_on(work(settings, stopped, None));
}

/// Works until told to stop; tells of every start of a job, if anybody wants to know.
pub(crate) async fn work(
    settings: Settings,
    stopped: oneshot::Receiver<()>,
    started: Option<UnboundedSender<Instant>>,
) {
    let queue = settings.connect().await;
    let config = WorkerConfig {
        name: settings.name.clone(),
        kinds: kyc_kinds::names().collect(),
        concurrency: settings.concurrency,
        lease: Duration::from_secs(15),
        max_stalls: 3,
        slot_tolerance: Duration::from_millis(10),
        circuit: Circuit::default(),
    };
    let backend = Backend::new(queue, config, decide());
    let releaser = backend.releaser();
    let backend = Mutex::new(Some(backend));
    let monitor = Monitor::new().register(move |_| {
        let backend = backend.lock().expect("no panic").take();
        WorkerBuilder::new(settings.name.as_str())
            .backend(backend.expect("a worker is built once"))
            .data(started.clone())
            .build(nothing)
    });
    let signal = async {
        let _ = stopped.await;
        Ok(())
    };
    monitor.run_with_signal(signal).await.expect("a good end");
    releaser.release().await;
}

fn decide() -> Decide {
    let policy = Policy::default();
    let delay = Duration::from_secs(1);
    Arc::new(move |failure, progress| settle(failure, &Progress { delay, ..progress }, &policy))
}

async fn nothing(
    job: Leased,
    started: Data<Option<UnboundedSender<Instant>>>,
) -> Result<Outcome, Failure> {
    if let Some(started) = &*started {
        // Whoever wanted to know may have ended.
        let _ = started.send(Instant::now());
    }
    job.into_slot()
        .spend()
        .await
        .map_err(|missed| Failure::new(Class::Missed, missed.code(), missed.to_string()))?;
    Ok(Outcome {
        verdict: Verdict::Found,
        checks: Vec::new(),
        reasons: Vec::new(),
        record: None,
        source: None,
        message: None,
        images: Vec::new(),
        facts: Facts {
            calls: 1,
            unanswered_calls: 0,
            http_status: Some(200),
            requested_at: Timestamp::UNIX_EPOCH,
            call_ms: 1,
            sandbox: true,
        },
    })
}
