//! One server: connecting to it, and asking which server serves the queue.

use std::time::Duration;

use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, ErrorKind, RedisError,
    RedisResult, ServerErrorKind, Value, aio::MultiplexedConnection,
};

/// How the Redis of a queue is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setup {
    /// One server, which may have replicas.
    Single,
    /// A Redis Cluster.
    Cluster,
    /// A master that Sentinel names.
    Sentinel,
}

/// Which server serves the queue, according to the server that was asked.
pub(super) enum Served {
    /// The server that was asked.
    Here { cluster: bool },
    /// Another server, by host and port.
    By(String, u16),
}

/// The timeout for a request during the search.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Connects to a server. The default response timeout of the `redis` crate, 500 ms, is shorter than
/// the pauses of a busy Redis.
pub(super) async fn connect(at: &ConnectionInfo) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(PATIENCE))
        .set_response_timeout(Some(Duration::from_secs(10)));
    Client::open(at.clone())?
        .get_multiplexed_async_connection_with_config(&config)
        .await
}

/// Returns the same connection settings for another server.
pub(super) fn at(like: &ConnectionInfo, host: String, port: u16) -> ConnectionInfo {
    let address = match like.addr() {
        ConnectionAddr::TcpTls {
            insecure,
            tls_params,
            ..
        } => ConnectionAddr::TcpTls {
            host,
            port,
            insecure: *insecure,
            tls_params: tls_params.clone(),
        },
        _ => ConnectionAddr::Tcp(host, port),
    };
    like.clone().set_addr(address)
}

/// Asks a server which one serves `key`. In a cluster, also returns the addresses of all nodes.
pub(super) async fn served(
    connection: &mut MultiplexedConnection,
    at: &ConnectionInfo,
    key: &str,
) -> RedisResult<(Served, Vec<(String, u16)>)> {
    // A server that still loads its data, or has lost its master, returns an error here.
    let alive = redis::cmd("PING").exec_async(connection).await;
    visible(alive)?;
    // If the user lacks the permission for `INFO`, this server is used. If it is the wrong one, the
    // commands that follow fail.
    let Some(info) = visible(info(connection, "cluster").await)? else {
        return Ok((Served::Here { cluster: false }, Vec::new()));
    };
    if field(&info, "cluster_enabled") == Some("1") {
        return in_cluster(connection, at, key).await;
    }
    let info = visible(self::info(connection, "replication").await)?.unwrap_or_default();
    let master = || Some((field(&info, "master_host")?, field(&info, "master_port")?));
    let served = match (field(&info, "role"), master()) {
        (Some("slave"), Some((host, port))) => {
            Served::By(host.to_owned(), port.parse().map_err(|_| unreadable())?)
        }
        _ => Served::Here { cluster: false },
    };
    Ok((served, Vec::new()))
}

async fn info(connection: &mut MultiplexedConnection, section: &str) -> RedisResult<String> {
    redis::cmd("INFO")
        .arg(section)
        .query_async(connection)
        .await
}

fn field<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    info.lines()
        .filter_map(|line| line.split_once(':'))
        .find_map(|(known, value)| (known == name).then_some(value.trim_end()))
}

/// Returns `None` for information that the user may not read, or that a managed server hides.
fn visible<T>(answer: RedisResult<T>) -> RedisResult<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) => match error.kind() {
            ErrorKind::Server(ServerErrorKind::NoPerm | ServerErrorKind::ResponseError) => Ok(None),
            _ => Err(error),
        },
    }
}

async fn in_cluster(
    connection: &mut MultiplexedConnection,
    at: &ConnectionInfo,
    key: &str,
) -> RedisResult<(Served, Vec<(String, u16)>)> {
    let ask = |words: &[&str]| {
        let mut ask = redis::cmd("CLUSTER");
        ask.arg(words);
        ask
    };
    // A node that has lost contact with most others still reports the old state of the cluster.
    let state: String = ask(&["INFO"]).query_async(connection).await?;
    if field(&state, "cluster_state") != Some("ok") {
        return Err(RedisError::from((
            ErrorKind::Server(ServerErrorKind::ClusterDown),
            "a node sees no working cluster",
        )));
    }
    let slot: i64 = ask(&["KEYSLOT", key]).query_async(connection).await?;
    let own: String = ask(&["MYID"]).query_async(connection).await?;
    let slots: Value = ask(&["SLOTS"]).query_async(connection).await?;
    let shards = shards(slots, host(at)).ok_or_else(unreadable)?;
    let owner = shards
        .iter()
        .find(|shard| (shard.first..=shard.last).contains(&slot))
        .and_then(|shard| shard.nodes.first());
    let served = match owner {
        None => {
            return Err(RedisError::from((
                ErrorKind::ClusterConnectionNotFound,
                "no node serves the slot of the queue",
            )));
        }
        Some(owner) if owner.id == own => Served::Here { cluster: true },
        Some(owner) => Served::By(owner.host.clone(), owner.port),
    };
    let nodes = shards.into_iter().flat_map(|shard| shard.nodes);
    Ok((served, nodes.map(|node| (node.host, node.port)).collect()))
}

/// A range of slots and the nodes that serve it, the master first.
struct Shard {
    first: i64,
    last: i64,
    nodes: Vec<Node>,
}

struct Node {
    host: String,
    port: u16,
    id: String,
}

/// Parses `CLUSTER SLOTS`. A node without a host has the host of the server that was asked.
fn shards(slots: Value, asked: &str) -> Option<Vec<Shard>> {
    let array = |value: Value| match value {
        Value::Array(items) => Some(items),
        _ => None,
    };
    let read = |shard: Value| {
        let mut parts = array(shard)?.into_iter();
        let mut number = || redis::from_redis_value::<i64>(parts.next()?).ok();
        let (first, last) = (number()?, number()?);
        let nodes = parts.map(|node| {
            let mut parts = array(node)?.into_iter();
            let host: Option<String> = redis::from_redis_value(parts.next()?).ok()?;
            Some(Node {
                host: host
                    .filter(|host| !host.is_empty() && host != "?")
                    .unwrap_or_else(|| asked.to_owned()),
                port: redis::from_redis_value(parts.next()?).ok()?,
                id: redis::from_redis_value(parts.next()?).ok()?,
            })
        });
        Some(Shard {
            first,
            last,
            nodes: nodes.collect::<Option<_>>()?,
        })
    };
    array(slots)?.into_iter().map(read).collect()
}

fn host(at: &ConnectionInfo) -> &str {
    match at.addr() {
        ConnectionAddr::Tcp(host, _) | ConnectionAddr::TcpTls { host, .. } => host,
        _ => "localhost",
    }
}

fn unreadable() -> RedisError {
    RedisError::from((
        ErrorKind::Parse,
        "an answer about the location of the queue cannot be parsed",
    ))
}
