//! How a private Redis is started, and where.

use std::{
    io,
    net::{Ipv4Addr, TcpListener},
    path::PathBuf,
};

/// How a private Redis is started.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The binary; by default `redis-server` on the `PATH`.
    pub binary: Option<PathBuf>,
    /// The folder of its data and its log, made if need be and kept. By default a new one, removed on drop.
    pub dir: Option<PathBuf>,
    /// Whether every write is appended to a file (synced every second), so that a restart finds it; off by default.
    pub append_only: bool,
    /// Whether the file is synced before every answer; off by default. Synced every second, a killed server can lose
    /// what it answered: while a sync is slow it keeps further writes in its own memory, for up to two seconds.
    pub sync_always: bool,
    /// Whether it is kept out of the caller's process group; off by default. A Ctrl-C at the terminal then does not
    /// reach it, so that the caller can finish its work with it; but it outlives a caller that dies of the Ctrl-C.
    pub own_process_group: bool,
    /// Whether it is a node of a cluster, as [`super::PrivateCluster`] starts them; off by default. Needs Redis 7.
    pub cluster: bool,
    /// The port on 127.0.0.1 of the server that it is a replica of; by default it is a master.
    pub replica_of: Option<u16>,
}

pub(super) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}
