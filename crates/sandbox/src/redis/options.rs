//! The options of a private Redis, and free ports.

use std::{
    io,
    net::{Ipv4Addr, TcpListener},
    path::PathBuf,
};

/// The options of a private Redis.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The binary. Default: `redis-server` from the `PATH`.
    pub binary: Option<PathBuf>,
    /// The folder of the data and the log. It is created if it does not exist, and not removed. Default: a new folder
    /// that is removed on drop.
    pub dir: Option<PathBuf>,
    /// Whether writes are appended to a file, which is synced every second, so that they survive a restart. Default:
    /// off.
    pub append_only: bool,
    /// Whether the file is synced before every answer. Default: off.
    ///
    /// If it is synced every second instead, a killed server can lose writes that it has acknowledged: during a slow
    /// sync it keeps further writes in memory for up to two seconds.
    pub sync_always: bool,
    /// Whether the server has its own process group instead of the caller's. Default: off.
    ///
    /// Ctrl-C at the terminal then does not stop the server, so the caller can finish its work. But the server keeps
    /// running if the Ctrl-C kills the caller.
    pub own_process_group: bool,
    /// Whether the server is a node of a [`super::PrivateCluster`]. Default: off. Requires Redis 7.
    pub cluster: bool,
    /// The port on 127.0.0.1 of the master that the server replicates. Default: the server is a master itself.
    pub replica_of: Option<u16>,
}

pub(super) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}
