//! A process that enqueues, and how it is started: it takes its orders as a line of JSON on standard input, works until that
//! ends, and tells each job that was accepted as a line on standard output.

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
    doors::{Address, Door},
    jobs::{Accepted, Maker, Offer},
};

/// Between two tries of a job whose answer did not come.
const BETWEEN: Duration = Duration::from_millis(200);

/// How long jobs without an answer are offered again once the faults are over.
const PATIENCE: Duration = Duration::from_secs(60);

/// The word that makes the program of this tool one that enqueues.
pub const ROLE: &str = "enqueuer";

/// Where to enqueue, and what.
pub(super) struct Orders {
    pub process: u8,
    pub seed: u64,
    /// Jobs a second.
    pub rate: u32,
    /// Jobs in a row that share a number.
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

/// A child that enqueues.
pub(super) struct Enqueuer {
    child: Child,
    told: JoinHandle<Vec<Accepted>>,
}

impl Enqueuer {
    /// Starts `program` in this role. It ends with this value.
    pub(super) async fn start(program: &Path, orders: &Orders, log: &Path) -> Self {
        let log = std::fs::File::create(log).expect("the folder is ours");
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

    /// Tells it to stop, and answers what was accepted.
    ///
    /// # Panics
    /// When it does not stop, or failed.
    pub(super) async fn stop(mut self) -> Vec<Accepted> {
        // Waiting closes its input.
        let ended = timeout(PATIENCE * 2, self.child.wait()).await;
        let ended = ended.expect("it gives up in time").expect("it is a child");
        assert!(ended.success(), "a process that enqueues failed: {ended}");
        self.told.await.expect("reading does not fail")
    }
}

/// Enqueues until standard input ends; every job is offered until it is accepted.
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
    let doors = LocalSet::new();
    for door in Door::all(&orders.address) {
        doors.spawn_local(through(door, &orders, told.clone(), stopped.subscribe()));
    }
    drop(told);
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        stopped.send_replace(true);
    });
    let telling = async {
        while let Some(accepted) = heard.recv().await {
            let told = writeln!(std::io::stdout(), "{}", accepted.line());
            told.expect("somebody listens");
        }
    };
    doors.run_until(telling).await;
}

/// Enqueues through one door until it is told to stop.
fn through(
    mut door: Door,
    orders: &Orders,
    told: mpsc::UnboundedSender<Accepted>,
    mut stopped: watch::Receiver<bool>,
) -> impl Future<Output = ()> + 'static {
    let mut maker = Maker::new(orders.seed, orders.process, door.name(), orders.same);
    let (share, every) = door.habit();
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
            let accepted = until_accepted(&mut door, offers, &stopped).await;
            for accepted in accepted {
                // An error means that this process ends.
                let _ = told.send(accepted);
            }
        }
    }
}

/// Offers jobs until each has been accepted, or patience is over.
async fn until_accepted(
    door: &mut Door,
    mut offers: Vec<Offer>,
    stopped: &watch::Receiver<bool>,
) -> Vec<Accepted> {
    let mut accepted: HashMap<String, Accepted> = HashMap::new();
    let mut until = None;
    while !offers.is_empty() {
        for told in door.offer(&offers).await {
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
