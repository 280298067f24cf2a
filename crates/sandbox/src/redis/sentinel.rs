//! A private Sentinel, which watches a master and promotes a replica if the master fails.

use std::{
    fs, io,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::{Options, PORTS, free_port, process, wire};

/// The time in which a Sentinel must answer after its start.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running Sentinel, which is killed and reaped on drop. It is the only one, so it decides without a vote of others.
#[derive(Debug)]
pub struct PrivateSentinel {
    child: Child,
    port: u16,
    /// Removed on drop.
    _folder: TempDir,
}

impl PrivateSentinel {
    /// Starts a Sentinel that watches the server on this port of 127.0.0.1 under the name `master`.
    ///
    /// The server is considered down if it has not answered for a second. Only [`Options::binary`] is used.
    ///
    /// # Errors
    /// Returns the errors of [`super::PrivateRedis::start`].
    pub fn start(options: &Options, master: &str, port: u16) -> io::Result<Self> {
        let folder = TempDir::with_prefix("kyc-sentinel-")?;
        for _ in 0..PORTS {
            let own = free_port()?;
            let file = folder.path().join("sentinel.conf");
            fs::write(&file, settings(own, master, port))?;
            let mut child = spawn(options, &file)?;
            if ready(&mut child, own)? {
                return Ok(Self {
                    child,
                    port: own,
                    _folder: folder,
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

    /// Returns whether the Sentinel knows a replica that it can promote.
    #[must_use]
    pub fn knows_a_replica(&self) -> bool {
        wire::command(self.port, &["INFO", "sentinel"])
            .is_ok_and(|text| text.contains("status=ok") && text.contains("slaves=1,"))
    }
}

impl Drop for PrivateSentinel {
    fn drop(&mut self) {
        // An error means that the process is already dead and reaped.
        drop(self.child.kill().and_then(|()| self.child.wait()));
    }
}

/// Returns a unique id, by which the Sentinel is distinguished from another one on its port.
fn identity(port: u16) -> String {
    format!("{:0>40}", format!("{port}{}", std::process::id()))
}

fn settings(own: u16, master: &str, port: u16) -> String {
    format!(
        "port {own}\nbind 127.0.0.1\ndaemonize no\nlogfile redis.log\nsentinel myid {}\n\
         sentinel monitor {master} 127.0.0.1 {port} 1\nsentinel down-after-milliseconds {master} 1000\n\
         sentinel failover-timeout {master} 5000\n",
        identity(own)
    )
}

fn spawn(options: &Options, file: &PathBuf) -> io::Result<Child> {
    let binary = process::binary(options)?;
    let folder = file.parent().unwrap_or(file);
    Command::new(&binary)
        .current_dir(folder)
        .arg(file)
        .arg("--sentinel")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| process::not_started(error, &binary))
}

/// Waits until the Sentinel answers. Returns `false` if it exits instead, for example because the port is taken.
fn ready(child: &mut Child, port: u16) -> io::Result<bool> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if child.try_wait()?.is_some() {
            return Ok(false);
        }
        if wire::command(port, &["SENTINEL", "MYID"]).is_ok_and(|id| id == identity(port)) {
            return Ok(true);
        }
        thread::sleep(Duration::from_millis(10));
    }
    child.kill()?;
    child.wait()?;
    Err(io::Error::new(
        io::ErrorKind::TimedOut,
        "the Sentinel did not answer in time",
    ))
}
