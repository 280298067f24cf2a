//! A process that enqueues. It reads its orders as a line of JSON from standard input, works until standard input ends, and
//! writes each accepted job as a line to standard output.

use std::{
    collections::HashMap,
    io::{BufRead as _, Write as _},
    path::Path,
    process::Stdio,
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, Command},
    sync::{mpsc, watch},
    task::{JoinHandle, LocalSet},
    time::{Instant, MissedTickBehavior, interval, sleep, timeout},
};

use super::{
    entry_paths::{Address, EntryPath},
    jobs::{Accepted, Maker, Offer},
};

/// The pause between two tries to enqueue a job.
const BETWEEN: Duration = Duration::from_millis(200);

/// How long jobs without an answer are offered again after the faults are over.
const PATIENCE: Duration = Duration::from_secs(60);

/// The argument that makes this program enqueue.
pub const ROLE: &str = "enqueuer";

/// The orders of a process that enqueues.
pub(super) struct Orders {
    pub process: u8,
    pub seed: u64,
    /// Jobs a second.
    pub rate: u32,
    /// Consecutive jobs that share a number.
    pub same: u32,
    pub address: Address,
}

impl Orders {
    fn line(&self) -> String {
        let Address {
            redis_url,
            keys,
            kyc,
            dir,
            reuses,
        } = &self.address;
        let line = json!({
            "process": self.process, "seed": self.seed, "rate": self.rate, "same": self.same,
            "redis_url": redis_url, "keys": keys, "kyc": kyc, "dir": dir, "reuses": reuses,
        });
        format!("{line}\n")
    }

    fn read(line: &str) -> Option<Self> {
        let told: Value = serde_json::from_str(line).ok()?;
        let text = |field: &str| told[field].as_str().map(str::to_owned);
        Some(Self {
            process: told["process"].as_u64()?.try_into().ok()?,
            seed: told["seed"].as_u64()?,
            rate: told["rate"].as_u64()?.try_into().ok()?,
            same: told["same"].as_u64()?.try_into().ok()?,
            address: Address {
                redis_url: text("redis_url")?,
                keys: text("keys")?,
                kyc: text("kyc")?.into(),
                dir: text("dir")?.into(),
                reuses: told["reuses"] == true,
            },
        })
    }
}

/// A child process that enqueues.
pub(super) struct Enqueuer {
    child: Child,
    told: JoinHandle<Vec<Accepted>>,
}

impl Enqueuer {
    /// Starts `program` in this role. The process ends when this value is dropped.
    pub(super) async fn start(program: &Path, orders: &Orders, log: &Path) -> Self {
        let log = std::fs::File::create(log).expect("the folder is writable");
        let child = Command::new(program)
            .arg(ROLE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn();
        let mut child = child.expect("this tool can start itself");
        let orders = orders.line();
        let input = child.stdin.as_mut().expect("its input is a pipe");
        let given = input.write_all(orders.as_bytes()).await;
        given.expect("it reads its orders");
        let mut lines = BufReader::new(child.stdout.take().expect("its output is a pipe")).lines();
        let told = tokio::spawn(async move {
            let mut all = Vec::new();
            while let Ok(Some(line)) = lines.next_line().await {
                all.extend(Accepted::read(&line));
            }
            all
        });
        Self { child, told }
    }

    /// Stops the process, and returns the jobs that were accepted.
    ///
    /// # Panics
    /// When it does not stop, or when it failed.
    pub(super) async fn stop(mut self) -> Vec<Accepted> {
        // `wait` closes its standard input.
        let ended = timeout(PATIENCE * 2, self.child.wait()).await;
        let ended = ended
            .expect("it stops in time")
            .expect("a child can be waited for");
        assert!(ended.success(), "a process that enqueues failed: {ended}");
        self.told.await.expect("reading does not fail")
    }
}

/// Enqueues until standard input ends. Each job is offered until it is accepted.
///
/// # Panics
/// When standard input does not begin with orders.
pub async fn enqueue_until_stdin_ends() {
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    read.expect("standard input can be read");
    let orders = Orders::read(&line).expect("standard input begins with orders");
    let (told, mut heard) = mpsc::unbounded_channel();
    let stopped = watch::Sender::new(false);
    let entry_paths = LocalSet::new();
    for entry_path in EntryPath::all(&orders.address) {
        entry_paths.spawn_local(through(
            entry_path,
            &orders,
            told.clone(),
            stopped.subscribe(),
        ));
    }
    drop(told);
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        stopped.send_replace(true);
    });
    let telling = async {
        while let Some(accepted) = heard.recv().await {
            let told = writeln!(std::io::stdout(), "{}", accepted.line());
            told.expect("standard output is open");
        }
    };
    entry_paths.run_until(telling).await;
}

/// Enqueues through one entry path until it is stopped.
fn through(
    mut entry_path: EntryPath,
    orders: &Orders,
    told: mpsc::UnboundedSender<Accepted>,
    mut stopped: watch::Receiver<bool>,
) -> impl Future<Output = ()> + 'static {
    let maker = Maker::new(orders.seed, orders.process, entry_path.name(), orders.same);
    let mut maker = maker.of_tenant(entry_path.tenant());
    let (share, every) = entry_path.habit();
    let a_turn = f64::from(orders.rate * share) / 100.0 * every.as_secs_f64();
    async move {
        let mut turns = interval(every);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut owed = 0.0;
        loop {
            tokio::select! {
                biased;
                _ = stopped.wait_for(|stopped| *stopped) => return,
                _ = turns.tick() => {}
            }
            owed += a_turn;
            let offers = maker.make(owed as usize);
            owed = f64::fract(owed);
            let accepted = until_accepted(&mut entry_path, offers, &stopped).await;
            for accepted in accepted {
                // An error means that this process is ending.
                let _ = told.send(accepted);
            }
        }
    }
}

/// Offers jobs until each is accepted, or until [`PATIENCE`] after the stop.
async fn until_accepted(
    entry_path: &mut EntryPath,
    mut offers: Vec<Offer>,
    stopped: &watch::Receiver<bool>,
) -> Vec<Accepted> {
    let mut accepted: HashMap<String, Accepted> = HashMap::new();
    let mut until = None;
    while !offers.is_empty() {
        for told in entry_path.offer(&offers).await {
            accepted.insert(told.reference.clone(), told);
        }
        offers.retain(|offer| !accepted.contains_key(&offer.reference));
        if *stopped.borrow() && Instant::now() > *until.get_or_insert(Instant::now() + PATIENCE) {
            break;
        }
        if !offers.is_empty() {
            sleep(BETWEEN).await;
        }
    }
    let unanswered = offers.iter().map(|offer| Accepted {
        unanswered: true,
        ..Accepted::of(offer, None)
    });
    accepted.into_values().chain(unanswered).collect()
}
