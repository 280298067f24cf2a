//! Starts the process of a server, waits for readiness, signals, kills and reaps it.

use std::{
    io,
    os::unix::process::CommandExt as _,
    path::{self, Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{
    options::{Options, free_port},
    wire,
};

/// The time in which a server must answer after its start.
const PATIENCE: Duration = Duration::from_secs(10);

/// The pause between two checks for readiness.
const PAUSE: Duration = Duration::from_millis(10);

const LOG: &str = "redis.log";

/// A server that has answered at least once. It is killed and reaped on drop.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
}

impl Process {
    /// Starts a server and waits until it answers. Returns `None` if it exits instead, for example because the port is
    /// taken.
    pub(super) fn start(options: &Options, folder: &Path, port: u16) -> io::Result<Option<Self>> {
        // The server reports its folder as an absolute path without links, with which this path is compared.
        let folder = &folder.canonicalize()?;
        let mut process = Self {
            child: spawn(options, folder, port)?,
        };
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if process.child.try_wait()?.is_some() {
                return Ok(None);
            }
            if wire::serves(port, folder) {
                return Ok(Some(process));
            }
            thread::sleep(PAUSE);
        }
        Err(io::Error::new(
            io::ErrorKind::TimedOut,
            format!(
                "redis-server did not answer within {} s: see {}",
                PATIENCE.as_secs(),
                folder.join(LOG).display()
            ),
        ))
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn kill(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }

    /// Sends the signal with this name. The shell's `kill` requires neither another package nor unsafe code.
    pub(super) fn signal(&self, name: &str) -> io::Result<()> {
        let status = Command::new("sh")
            .args(["-c", r#"kill -"$0" "$1""#, name, &self.pid().to_string()])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        if status.success() {
            Ok(())
        } else {
            Err(io::Error::other(format!(
                "SIG{name} could not be sent to redis-server"
            )))
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // An error means that the process is already dead and reaped.
        drop(self.kill());
    }
}

fn spawn(options: &Options, folder: &Path, port: u16) -> io::Result<Child> {
    let binary = binary(options)?;
    let mut command = Command::new(&binary);
    command
        .current_dir(folder)
        .args([
            "--port",
            &port.to_string(),
            "--bind",
            "127.0.0.1",
            "--daemonize",
            "no",
        ])
        .args(["--save", "", "--appendfsync"])
        .arg(if options.sync_always {
            "always"
        } else {
            "everysec"
        })
        .args([
            "--appendonly",
            if options.append_only { "yes" } else { "no" },
        ])
        .args(["--maxmemory-policy", "noeviction", "--logfile", LOG])
        .arg("--dir")
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if options.cluster {
        // The default bus port is the port plus 10000, which may be above the highest port.
        let bus = free_port()?.to_string();
        command.args(["--cluster-enabled", "yes", "--cluster-port", &bus]);
        command.args(["--cluster-node-timeout", "2000"]);
    }
    if let Some(master) = options.replica_of {
        command.args(["--replicaof", "127.0.0.1", &master.to_string()]);
        command.args(["--repl-diskless-sync-delay", "0"]);
    }
    if options.own_process_group {
        command.process_group(0);
    }
    command.spawn().map_err(|error| not_started(error, &binary))
}

/// Returns the error for a binary that could not be started.
pub(super) fn not_started(error: io::Error, binary: &Path) -> io::Error {
    match error.kind() {
        io::ErrorKind::NotFound => missing(binary),
        _ => error,
    }
}

/// Returns the binary to start. A name without a folder is found on the `PATH`. A path is made absolute, because the
/// server starts in another folder.
pub(super) fn binary(options: &Options) -> io::Result<PathBuf> {
    match &options.binary {
        None => Ok(PathBuf::from("redis-server")),
        Some(name) if name.components().count() == 1 => Ok(name.clone()),
        Some(path) => path::absolute(path),
    }
}

fn missing(binary: &Path) -> io::Error {
    io::Error::new(
        io::ErrorKind::NotFound,
        format!(
            "{} was not found: install the package redis-server (Debian, Ubuntu) or redis (Fedora, Homebrew); \
             `cargo xtask demo` and `cargo xtask test` install it themselves",
            binary.display()
        ),
    )
}

/// Returns the error for a server that exits after every start.
pub(super) fn gave_up(folder: &Path) -> io::Error {
    io::Error::new(
        io::ErrorKind::AddrInUse,
        format!(
            "redis-server exited after every start: see {}",
            folder.join(LOG).display()
        ),
    )
}
