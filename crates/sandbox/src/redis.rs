//! A private `redis-server`: a real one, on a free loopback port, in a folder of its own.
//!
//! Hides how the binary is found and started, how its readiness is told from that of a stranger on the same port,
//! and that it is always killed and reaped. For Unix only. Everything here blocks the calling thread, for tens of milliseconds as a
//! rule and ten seconds at most. Several of them make a cluster, and a Sentinel can watch one: those take seconds.

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

/// How many ports are tried before starting is given up.
const PORTS: usize = 8;

/// A running `redis-server`, killed and reaped when this is dropped. Whatever it holds is then gone, unless
/// [`Options::append_only`] is on and [`Options::dir`] given.
#[derive(Debug)]
pub struct PrivateRedis {
    process: Process,
    options: Options,
    folder: Folder,
    port: u16,
}

/// Where the server works.
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
    /// [`io::ErrorKind::NotFound`] when there is no such binary, [`io::ErrorKind::TimedOut`] when it does not answer
    /// within ten seconds, and those of the folder and of starting a process.
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
            // The port was free a moment ago. If somebody else took it since, the server exits: then on to the next.
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

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL for a client, as `redis://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The process id; another one after [`PrivateRedis::restart`].
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// The folder of its data and of its log, `redis.log`.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.folder.path()
    }

    /// Kills the server at once (SIGKILL), as a crash would, and reaps it. Does nothing if it is dead already.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn kill(&mut self) -> io::Result<()> {
        self.process.kill()
    }

    /// Kills the server if it lives and starts it anew, on the same port and in the same folder.
    ///
    /// # Errors
    /// As [`PrivateRedis::start`]; [`io::ErrorKind::AddrInUse`] when the server exits at once each time, as it does
    /// when somebody took the port meanwhile.
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

    /// Freezes the server (SIGSTOP): connections are accepted by the kernel, and nothing answers.
    ///
    /// # Errors
    /// When the signal cannot be sent, as to a server that is dead.
    pub fn pause(&self) -> io::Result<()> {
        self.process.signal("STOP")
    }

    /// Ends [`PrivateRedis::pause`] (SIGCONT).
    ///
    /// # Errors
    /// When the signal cannot be sent.
    pub fn resume(&self) -> io::Result<()> {
        self.process.signal("CONT")
    }
}
