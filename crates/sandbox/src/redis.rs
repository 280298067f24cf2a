//! A private `redis-server` on a free loopback port and in its own folder. Servers can also form a cluster, and a
//! Sentinel can watch one.
//!
//! Hides how the binary is found and started, how a ready server is distinguished from another one on the same port,
//! and that the process is always killed and reaped. Only Unix is supported.
//!
//! All functions block the calling thread. A server usually starts within tens of milliseconds and fails after ten
//! seconds. Clusters and Sentinels take seconds.

mod cluster;
mod options;
mod process;
mod sentinel;
mod wire;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

pub use cluster::PrivateCluster;
pub use options::Options;
use options::free_port;
use process::Process;
pub use sentinel::PrivateSentinel;

/// The most attempts to start a server.
const PORTS: usize = 8;

/// A running `redis-server`, which is killed and reaped on drop.
///
/// Its data is then lost, unless [`Options::append_only`] is on and [`Options::dir`] is set.
#[derive(Debug)]
pub struct PrivateRedis {
    process: Process,
    options: Options,
    folder: Folder,
    port: u16,
}

/// The working directory of the server.
#[derive(Debug)]
enum Folder {
    Given(PathBuf),
    Own(TempDir),
}

impl Folder {
    fn path(&self) -> &Path {
        match self {
            Self::Given(path) => path,
            Self::Own(folder) => folder.path(),
        }
    }
}

impl PrivateRedis {
    /// Starts a server and waits until it answers.
    ///
    /// # Errors
    /// Returns [`io::ErrorKind::NotFound`] if the binary does not exist, [`io::ErrorKind::TimedOut`] if the server does not
    /// answer within ten seconds, and other errors if the folder cannot be created or the process cannot be started.
    pub fn start(options: Options) -> io::Result<Self> {
        let folder = match &options.dir {
            Some(path) => {
                fs::create_dir_all(path)?;
                Folder::Given(path.clone())
            }
            None => Folder::Own(TempDir::with_prefix("kyc-redis-")?),
        };
        for _ in 0..PORTS {
            let port = free_port()?;
            // Another process may have taken the port since. The server then exits, and the next port is tried.
            if let Some(process) = Process::start(&options, folder.path(), port)? {
                return Ok(Self {
                    process,
                    options,
                    folder,
                    port,
                });
            }
        }
        Err(process::gave_up(folder.path()))
    }

    /// Returns the port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the URL for a client, such as `redis://127.0.0.1:6379`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Returns the process id, which [`PrivateRedis::restart`] changes.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Returns the folder of the data and of the log, `redis.log`.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.folder.path()
    }

    /// Kills the server with SIGKILL, as a crash would end it, and reaps it. Does nothing if it is already dead.
    ///
    /// # Errors
    /// Returns the errors of the operating system.
    pub fn kill(&mut self) -> io::Result<()> {
        self.process.kill()
    }

    /// Kills the server if it is running, and starts it again on the same port and in the same folder.
    ///
    /// # Errors
    /// Returns the errors of [`PrivateRedis::start`], and [`io::ErrorKind::AddrInUse`] if the server exits after every
    /// start, for example because another process has taken the port.
    pub fn restart(&mut self) -> io::Result<()> {
        self.kill()?;
        for _ in 0..PORTS {
            if let Some(process) = Process::start(&self.options, self.folder.path(), self.port)? {
                self.process = process;
                return Ok(());
            }
        }
        Err(process::gave_up(self.folder.path()))
    }

    /// Freezes the server with SIGSTOP. The kernel still accepts connections, but nothing answers.
    ///
    /// # Errors
    /// Returns an error if the signal cannot be sent, for example because the server is dead.
    pub fn pause(&self) -> io::Result<()> {
        self.process.signal("STOP")
    }

    /// Ends [`PrivateRedis::pause`] with SIGCONT.
    ///
    /// # Errors
    /// Returns an error if the signal cannot be sent.
    pub fn resume(&self) -> io::Result<()> {
        self.process.signal("CONT")
    }
}
