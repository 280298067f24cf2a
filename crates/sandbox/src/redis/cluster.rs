//! A private Redis Cluster.

use std::{
    io,
    net::Ipv4Addr,
    thread,
    time::{Duration, Instant},
};

use super::{Options, PrivateRedis, wire};

const SLOTS: usize = 16384;

/// The time in which the nodes must find each other.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running cluster, whose nodes are killed and reaped on drop.
///
/// The masters have equal shares of the slots. Replicas follow them in the list of nodes.
#[derive(Debug)]
pub struct PrivateCluster {
    nodes: Vec<PrivateRedis>,
    options: Options,
    /// The number of nodes with slots.
    masters: usize,
}

impl PrivateCluster {
    /// Starts a cluster of `nodes` masters, at least three, and waits until all of them are ready. Requires Redis 7.
    ///
    /// # Errors
    /// Returns the errors of [`PrivateRedis::start`], and [`io::ErrorKind::TimedOut`] if the nodes do not find each other.
    pub fn start(nodes: usize, options: &Options) -> io::Result<Self> {
        let options = Options {
            dir: None,
            cluster: true,
            ..options.clone()
        };
        let masters = nodes;
        let nodes: Vec<PrivateRedis> = (0..masters)
            .map(|_| PrivateRedis::start(options.clone()))
            .collect::<Result<_, _>>()?;
        let cluster = Self {
            nodes,
            options,
            masters,
        };
        cluster.share_slots()?;
        cluster.introduce()?;
        cluster.wait_until_it_serves()?;
        Ok(cluster)
    }

    /// Returns the nodes.
    #[must_use]
    pub fn nodes(&self) -> &[PrivateRedis] {
        &self.nodes
    }

    /// Adds a replica of the node with the index `of`, and waits until it is in sync and all nodes know it.
    ///
    /// # Errors
    /// Returns the errors of [`PrivateCluster::start`].
    ///
    /// # Panics
    /// Panics if there is no such node.
    pub fn add_replica(&mut self, of: usize) -> io::Result<()> {
        let master = wire::command(self.nodes[of].port(), &["CLUSTER", "MYID"])?;
        self.nodes.push(PrivateRedis::start(self.options.clone())?);
        self.introduce()?;
        self.wait_until_it_serves()?;
        let replica = self.nodes[self.nodes.len() - 1].port();
        wire::command(replica, &["CLUSTER", "REPLICATE", &master])?;
        let id = wire::command(replica, &["CLUSTER", "MYID"])?;
        let follows = |node: &PrivateRedis| {
            wire::command(node.port(), &["CLUSTER", "NODES"]).is_ok_and(|nodes| {
                let replica = nodes.lines().find(|line| line.starts_with(&id));
                replica.is_some_and(|line| line.contains("slave"))
            })
        };
        let in_sync = || {
            wire::command(replica, &["INFO", "replication"])
                .is_ok_and(|info| info.contains("master_link_status:up"))
        };
        until("the replica is not in sync with its master", || {
            in_sync() && self.nodes.iter().all(follows)
        })
    }

    /// Returns the node with this index, for example to kill it.
    ///
    /// # Panics
    /// Panics if there is no such node.
    pub fn node(&mut self, nth: usize) -> &mut PrivateRedis {
        &mut self.nodes[nth]
    }

    fn share_slots(&self) -> io::Result<()> {
        let count = self.nodes.len();
        for (nth, node) in self.nodes.iter().enumerate() {
            let first = (nth * SLOTS / count).to_string();
            let last = ((nth + 1) * SLOTS / count - 1).to_string();
            // With equal epochs the nodes would have to resolve the conflict first.
            let epoch = (nth + 1).to_string();
            wire::command(node.port(), &["CLUSTER", "SET-CONFIG-EPOCH", &epoch])?;
            wire::command(node.port(), &["CLUSTER", "ADDSLOTSRANGE", &first, &last])?;
        }
        Ok(())
    }

    fn introduce(&self) -> io::Result<()> {
        let Some((first, others)) = self.nodes.split_first() else {
            return Ok(());
        };
        let host = Ipv4Addr::LOCALHOST.to_string();
        for other in others {
            let port = other.port().to_string();
            let bus = bus_port(other.port())?;
            wire::command(first.port(), &["CLUSTER", "MEET", &host, &port, &bus])?;
        }
        Ok(())
    }

    fn wait_until_it_serves(&self) -> io::Result<()> {
        let known = format!("cluster_known_nodes:{}\r\n", self.nodes.len());
        let shares = format!("cluster_size:{}\r\n", self.masters);
        let serves = |node: &PrivateRedis| {
            wire::command(node.port(), &["CLUSTER", "INFO"]).is_ok_and(|state| {
                ["cluster_state:ok\r\n", &known, &shares]
                    .iter()
                    .all(|line| state.contains(line))
            })
        };
        until("the nodes of the cluster do not find each other", || {
            self.nodes.iter().all(serves)
        })
    }
}

fn until(what_is_wrong: &str, well: impl Fn() -> bool) -> io::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while !well() {
        if Instant::now() > deadline {
            return Err(io::Error::new(io::ErrorKind::TimedOut, what_is_wrong));
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// Returns the bus port of a node, from its own line, such as `07c3… 127.0.0.1:30004@31004 myself,master …`.
fn bus_port(port: u16) -> io::Result<String> {
    let nodes = wire::command(port, &["CLUSTER", "NODES"])?;
    let own = nodes.lines().find(|line| line.contains("myself"));
    own.and_then(|line| line.split_once('@'))
        .map(|(_, rest)| rest.chars().take_while(char::is_ascii_digit).collect())
        .ok_or_else(|| io::Error::other("a node does not report its bus port"))
}
