//! The entry paths of jobs: the library (one job at a time, and many at once), the command line, the inbox, and the inboxes of
//! two tenants.

use std::{path::PathBuf, time::Duration};

use kyc_kinds::Rules;
use kyc_queue::{Config, EnqueueError, Enqueued, Queue};
use kyc_vault::{Keyring, Vault};
use redis::aio::MultiplexedConnection;
use serde_json::Value;
use tokio::{process::Command, time::timeout};

use super::{
    jobs::{Accepted, Offer},
    sharing,
};
use crate::process::variable;

/// Longer than the library waits for an answer from Redis.
const PATIENCE: Duration = Duration::from_secs(20);

/// The settings with which a process enqueues.
#[derive(Clone, Debug)]
pub(super) struct Address {
    /// The URL of Redis, or of a proxy in front of it.
    pub redis_url: String,
    /// The keys that jobs are sealed with.
    pub keys: String,
    /// The path of the `kyc` program.
    pub kyc: PathBuf,
    /// The folder for files of jobs.
    pub dir: PathBuf,
    /// Whether answers are reused.
    pub reuses: bool,
}

/// One entry path, with its open connection.
pub(super) enum EntryPath {
    /// `Queue::enqueue`, one job after another.
    One(Address, Option<Queue>),
    /// `Queue::enqueue_all`.
    Many(Address, Option<Queue>),
    /// `kyc enqueue --file`.
    File(Address, PathBuf),
    /// `XADD` by a plain Redis client, of jobs in clear and sealed ones.
    Inbox(Address, Option<MultiplexedConnection>),
    /// The same into the inbox of the nth of the [`TENANTS`].
    Tenant(Address, Option<MultiplexedConnection>, u8),
}

/// The tenants with an inbox of their own.
pub(super) const TENANTS: [&str; 2] = ["acme", "zenith"];

impl EntryPath {
    /// Returns all entry paths.
    pub(super) fn all(address: &Address) -> [Self; 6] {
        let file = address
            .dir
            .join(format!("jobs-{}.ndjson", std::process::id()));
        [
            Self::One(address.clone(), None),
            Self::Many(address.clone(), None),
            Self::File(address.clone(), file),
            Self::Inbox(address.clone(), None),
            Self::Tenant(address.clone(), None, 0),
            Self::Tenant(address.clone(), None, 1),
        ]
    }

    /// Returns a digit and a name that identify it.
    pub(super) fn name(&self) -> (u8, &'static str) {
        match self {
            Self::One(..) => (0, "one"),
            Self::Many(..) => (1, "many"),
            Self::File(..) => (2, "file"),
            Self::Inbox(..) => (3, "inbox"),
            Self::Tenant(_, _, nth) => (4 + nth, TENANTS[usize::from(*nth)]),
        }
    }

    /// Returns the tenant whose inbox it is, if there is one.
    pub(super) fn tenant(&self) -> Option<&'static str> {
        match self {
            Self::Tenant(_, _, nth) => Some(TENANTS[usize::from(*nth)]),
            _ => None,
        }
    }

    /// Returns its share of all jobs in per cent, and the interval between its batches.
    pub(super) fn habit(&self) -> (u32, Duration) {
        match self {
            Self::One(..) | Self::Inbox(..) => (15, Duration::from_millis(200)),
            Self::Tenant(..) => (15, Duration::from_millis(300)),
            Self::Many(..) => (20, Duration::from_millis(400)),
            Self::File(..) => (20, Duration::from_millis(1_500)),
        }
    }

    /// Offers jobs once. Returns those whose acceptance was confirmed.
    pub(super) async fn offer(&mut self, offers: &[Offer]) -> Vec<Accepted> {
        let accepted = match self {
            Self::One(address, queue) => timeout(PATIENCE, one(address, queue, offers)).await,
            Self::Many(address, queue) => timeout(PATIENCE, many(address, queue, offers)).await,
            Self::File(address, file) => timeout(PATIENCE, run_kyc(address, file, offers)).await,
            Self::Inbox(address, redis) => {
                timeout(
                    PATIENCE,
                    add(address, redis, "{kyc}:inbox", "default", offers),
                )
                .await
            }
            Self::Tenant(address, redis, nth) => {
                let tenant = TENANTS[usize::from(*nth)];
                let inbox = format!("{{kyc}}:inbox:{tenant}");
                timeout(PATIENCE, add(address, redis, &inbox, tenant, offers)).await
            }
        };
        accepted.unwrap_or_default()
    }
}

/// Returns the queue, if it can be reached now.
async fn open<'a>(address: &Address, queue: &'a mut Option<Queue>) -> Option<&'a Queue> {
    if queue.is_none() {
        let vault = Vault::new(Keyring::parse(&address.keys).ok()?);
        let mut config = Config::new(address.redis_url.as_str());
        if address.reuses {
            config.reuse = sharing::rules();
        }
        *queue = Queue::connect(config, vault).await.ok();
    }
    queue.as_ref()
}

fn request(offer: &Offer) -> kyc_domain::Request {
    kyc_kinds::parse(offer.job.json().as_bytes(), Rules::default()).expect("the job is valid")
}

fn answered(offer: &Offer, answer: Result<Enqueued, EnqueueError>) -> Option<Accepted> {
    let enqueued = answer.ok()?;
    Some(Accepted {
        known_before: enqueued.existing,
        ..Accepted::of(offer, Some(enqueued.id.to_string()))
    })
}

async fn one(address: &Address, queue: &mut Option<Queue>, offers: &[Offer]) -> Vec<Accepted> {
    let Some(queue) = open(address, queue).await else {
        return Vec::new();
    };
    let mut accepted = Vec::new();
    for offer in offers {
        let answer = queue.enqueue(&request(offer)).await;
        accepted.extend(answered(offer, answer));
    }
    accepted
}

async fn many(address: &Address, queue: &mut Option<Queue>, offers: &[Offer]) -> Vec<Accepted> {
    let Some(queue) = open(address, queue).await else {
        return Vec::new();
    };
    let requests: Vec<_> = offers.iter().map(request).collect();
    let answers = queue.enqueue_all(&requests).await;
    let pairs = offers.iter().zip(answers);
    pairs
        .filter_map(|(offer, answer)| answered(offer, answer))
        .collect()
}

/// Runs `kyc enqueue --file`. Each line of its output is an accepted job, even if the command failed afterwards.
async fn run_kyc(address: &Address, file: &PathBuf, offers: &[Offer]) -> Vec<Accepted> {
    let jobs: Vec<String> = offers.iter().map(|offer| offer.job.json() + "\n").collect();
    std::fs::write(file, jobs.concat()).expect("the folder is writable");
    let mut command = Command::new(&address.kyc);
    command
        .args(["--json", "enqueue", "--file"])
        .arg(file)
        .env_clear()
        .env("KYC_REDIS_URL", &address.redis_url)
        .env("KYC_KEYS", &address.keys)
        .current_dir(&address.dir)
        .kill_on_drop(true);
    if address.reuses {
        command.env("KYC_REUSE", sharing::setting());
    }
    if let Some(path) = variable("PATH") {
        command.env("PATH", path);
    }
    let ended = command.output().await.expect("kyc can be started");
    let lines = String::from_utf8_lossy(&ended.stdout);
    let accepted = lines.lines().filter_map(|line| {
        let told: Value = serde_json::from_str(line).ok()?;
        let line = usize::try_from(told["line"].as_u64()?).ok()?;
        let id = told["id"].as_str()?.to_owned();
        Some(Accepted {
            known_before: told["existing"] == true,
            ..Accepted::of(offers.get(line.checked_sub(1)?)?, Some(id))
        })
    });
    accepted.collect()
}

/// Adds entries to the inbox of a tenant, in clear and sealed by turns, with the time-out of half a second that clients use. An entry may be added twice; both are
/// one job.
async fn add(
    address: &Address,
    redis: &mut Option<MultiplexedConnection>,
    inbox: &str,
    tenant: &str,
    offers: &[Offer],
) -> Vec<Accepted> {
    let mut accepted = Vec::new();
    if redis.is_none() {
        let client = redis::Client::open(address.redis_url.as_str()).expect("the address is valid");
        *redis = client.get_multiplexed_async_connection().await.ok();
    }
    let Some(connection) = redis else {
        return accepted;
    };
    let public = Keyring::parse(&address.keys)
        .expect("the keys are valid")
        .public();
    for offer in offers {
        let job = offer.job.json();
        let mut add = redis::cmd("XADD");
        add.arg(inbox).arg("*");
        if offer.serial % 2 == 0 {
            add.arg("job").arg(job);
        } else {
            let sealed = public.seal(format!("kyc-inbox {tenant}").as_bytes(), job.as_bytes());
            add.arg("key").arg(public.id()).arg("sealed").arg(sealed);
        }
        let added: redis::RedisResult<String> = add.query_async(connection).await;
        if added.is_err() {
            *redis = None;
            break;
        }
        accepted.push(Accepted::of(offer, None));
    }
    accepted
}
