//! Finds the server that serves the queue.

use std::sync::{Mutex, PoisonError};

use redis::{ConnectionInfo, ErrorKind, RedisError, RedisResult, aio::MultiplexedConnection};
use tokio::time::timeout;

use super::{
    address::Address,
    exposed,
    node::{self, PATIENCE, Served, Setup},
};

/// The server that serves the queue, and a connection to it.
pub(super) struct Found {
    pub(super) connection: MultiplexedConnection,
    pub(super) at: ConnectionInfo,
    pub(super) setup: Setup,
}

/// Searches for the server of the queue.
pub(super) struct Finder {
    address: Address,
    key: String,
    /// Whether servers on other machines are used without TLS.
    allow_plaintext: bool,
    /// The nodes of the cluster as reported last. The nodes of the address may all be replaced over
    /// time.
    nodes: Mutex<Vec<(String, u16)>>,
}

/// The maximum number of redirections. Each server may name another one.
const LONGEST_WAY: usize = 5;

impl Finder {
    pub(super) fn new(address: Address, key: &str, allow_plaintext: bool) -> Self {
        Self {
            address,
            key: key.to_owned(),
            allow_plaintext,
            nodes: Mutex::default(),
        }
    }

    pub(super) fn database(&self) -> i64 {
        self.address.like().redis_settings().db()
    }

    /// Asks one server after another until one serves the queue, or leads to one that does. `hint`
    /// is asked first.
    pub(super) async fn find(&self, hint: Option<&(String, u16)>) -> RedisResult<Found> {
        match &self.address {
            Address::Seeds(seeds) => self.find_from(seeds, hint).await,
            Address::Sentinel {
                sentinels,
                master,
                like,
            } => self.find_by_sentinel(sentinels, master, like).await,
        }
    }

    async fn find_from(
        &self,
        seeds: &[ConnectionInfo],
        hint: Option<&(String, u16)>,
    ) -> RedisResult<Found> {
        let known = self.lock().clone();
        let learnt = hint.into_iter().chain(&known);
        let learnt = learnt.map(|(host, port)| node::at(self.address.like(), host.clone(), *port));
        let mut asked: Vec<ConnectionInfo> = Vec::new();
        let mut trouble = None;
        for start in learnt.chain(seeds.iter().cloned()) {
            if asked.iter().any(|asked| asked.addr() == start.addr()) {
                continue;
            }
            asked.push(start.clone());
            match self.follow(start).await {
                Ok((connection, at, cluster)) => {
                    let setup = if cluster {
                        Setup::Cluster
                    } else {
                        Setup::Single
                    };
                    return Ok(Found {
                        connection,
                        at,
                        setup,
                    });
                }
                Err(error) => trouble = Some(clearest(trouble, error)),
            }
        }
        Err(trouble.unwrap_or_else(nobody))
    }

    async fn find_by_sentinel(
        &self,
        sentinels: &[ConnectionInfo],
        master: &str,
        like: &ConnectionInfo,
    ) -> RedisResult<Found> {
        let mut trouble = None;
        for sentinel in sentinels {
            let found = async {
                let (host, port) = self.ask_sentinel(sentinel, master).await?;
                self.follow(node::at(like, host, port)).await
            };
            match found.await {
                Ok((connection, at, _)) => {
                    return Ok(Found {
                        connection,
                        at,
                        setup: Setup::Sentinel,
                    });
                }
                Err(error) => trouble = Some(clearest(trouble, error)),
            }
        }
        Err(trouble.unwrap_or_else(nobody))
    }

    /// Follows redirections from `start` until a server serves the queue itself.
    async fn follow(
        &self,
        start: ConnectionInfo,
    ) -> RedisResult<(MultiplexedConnection, ConnectionInfo, bool)> {
        let mut at = start;
        for _ in 0..LONGEST_WAY {
            let mut connection = self.connect(&at).await?;
            let (served, nodes) = within(node::served(&mut connection, &at, &self.key)).await?;
            if !nodes.is_empty() {
                *self.lock() = nodes;
            }
            match served {
                Served::Here { cluster } => return Ok((connection, at, cluster)),
                Served::By(host, port) => at = node::at(&at, host, port),
            }
        }
        Err(nobody())
    }

    async fn ask_sentinel(
        &self,
        sentinel: &ConnectionInfo,
        master: &str,
    ) -> RedisResult<(String, u16)> {
        let mut connection = self.connect(sentinel).await?;
        let mut ask = redis::cmd("SENTINEL");
        ask.arg("GET-MASTER-ADDR-BY-NAME").arg(master);
        let named: Option<(String, u16)> = within(ask.query_async(&mut connection)).await?;
        named.ok_or_else(|| {
            RedisError::from((
                ErrorKind::MasterNameNotFoundBySentinel,
                "Sentinel knows no master of that name",
            ))
        })
    }

    /// Connects to a server. All connections of the search begin here.
    async fn connect(&self, at: &ConnectionInfo) -> RedisResult<MultiplexedConnection> {
        match exposed::refused(at).filter(|_| !self.allow_plaintext) {
            Some(refused) => Err(refused),
            None => node::connect(at).await,
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(String, u16)>> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the error to report of two servers: a refusal by the settings says more than any other.
fn clearest(earlier: Option<RedisError>, later: RedisError) -> RedisError {
    earlier.filter(exposed::is_exposed).unwrap_or(later)
}

async fn within<T>(asking: impl Future<Output = RedisResult<T>>) -> RedisResult<T> {
    timeout(PATIENCE, asking)
        .await
        .unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()))
}

fn nobody() -> RedisError {
    RedisError::from((
        ErrorKind::ClusterConnectionNotFound,
        "no server says that it serves the queue",
    ))
}
