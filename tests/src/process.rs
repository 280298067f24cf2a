//! Processes: paths of the programs, children that end with the test, signals, and processes that are still running.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tokio::{
    io::AsyncReadExt,
    process::{Child, Command},
    time::timeout,
};

use crate::LONG;

/// Returns an environment variable of this process, unless it is empty.
#[expect(
    clippy::disallowed_methods,
    reason = "environment variables name the programs that tests use"
)]
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Returns the interpreter of another language that a variable names, or why there is none.
///
/// # Errors
/// With the sentence of `cargo xtask test`, which sets the languages up.
pub fn interpreter(name: &str) -> Result<PathBuf, String> {
    variable(name).map(PathBuf::from).ok_or_else(|| {
        let why = variable(&format!("{name}_MISSING"));
        why.map_or_else(
            || format!("{name} is not set: cargo xtask test sets it"),
            |why| why.to_string_lossy().into_owned(),
        )
    })
}

/// Returns whether continuous integration runs the tests.
pub fn is_in_ci() -> bool {
    variable("CI").is_some()
}

/// Returns the `kyc` under test: `KYC_BIN`, or the one that was built beside this program.
///
/// # Panics
/// When there is no such file.
pub fn kyc_program() -> PathBuf {
    let beside = || {
        let own = std::env::current_exe().expect("a running program has a path");
        // Tests are built into target/PROFILE/deps, tools into target/PROFILE.
        let folders: Vec<&Path> = own.ancestors().skip(1).take(2).collect();
        let kyc = |folder: &&Path| folder.join("kyc");
        let found = folders.iter().map(kyc).find(|kyc| kyc.is_file());
        found.unwrap_or_else(|| folders.last().map(kyc).unwrap_or_default())
    };
    let program = variable("KYC_BIN").map_or_else(beside, PathBuf::from);
    assert!(
        program.is_file(),
        "{} does not exist: run cargo xtask test, which builds it first",
        program.display()
    );
    program
}

/// Returns `KYC_REDIS_SERVER`, the `redis-server` to use. `None` means the one on `PATH`.
pub fn redis_program() -> Option<PathBuf> {
    variable("KYC_REDIS_SERVER").map(PathBuf::from)
}

/// The exit code and the output of a program that has ended.
#[derive(Debug)]
pub struct Ran {
    /// The exit code, or -1 when a signal ended the program.
    pub code: i32,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

impl Ran {
    /// Runs a program to its end.
    ///
    /// # Panics
    /// When it cannot be started or does not end.
    pub async fn of(command: &mut Command) -> Self {
        let output = timeout(2 * LONG, command.output())
            .await
            .expect("the program ends in time")
            .expect("the program can be started");
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Asserts that the exit code is 0, and returns standard output.
    ///
    /// # Panics
    /// On any other exit code. The message holds all output.
    #[track_caller]
    pub fn good(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        self.out
    }
}

/// A program that runs until it is stopped. It is killed when this is dropped. Its log is a file.
#[derive(Debug)]
pub struct Program {
    child: Child,
    log: PathBuf,
}

impl Program {
    /// Starts a program whose standard error goes to `log`. Its standard input stays open until this is dropped.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(command: &mut Command, log: PathBuf) -> Self {
        let file = std::fs::File::create(&log).expect("the log can be made");
        let child = command
            .stdin(Stdio::piped())
            .stderr(file)
            .kill_on_drop(true)
            .spawn()
            .expect("the program can be started");
        Self { child, log }
    }

    /// Returns its process id.
    ///
    /// # Panics
    /// When it has ended.
    pub fn pid(&self) -> u32 {
        self.child.id().expect("the program still runs")
    }

    /// Returns how it ended, or `None` while it runs.
    ///
    /// # Panics
    /// When the system does not report it.
    pub fn over(&mut self) -> Option<ExitStatus> {
        self.child
            .try_wait()
            .expect("the state of a child can be read")
    }

    /// Returns its log so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Reads the first line of its standard output, which must be a pipe.
    ///
    /// # Panics
    /// When no line arrives.
    pub async fn first_line(&mut self) -> String {
        let out = self
            .child
            .stdout
            .as_mut()
            .expect("standard output is a pipe");
        let mut line = Vec::new();
        let reading = async {
            while let Ok(byte) = out.read_u8().await {
                if byte == b'\n' {
                    break;
                }
                line.push(byte);
            }
        };
        let read = timeout(LONG, reading).await;
        assert!(
            read.is_ok() && !line.is_empty(),
            "no line came: {}",
            self.log()
        );
        String::from_utf8_lossy(&line).into_owned()
    }

    /// Kills it (SIGKILL), like a crash of the machine, and reaps it.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub async fn kill9(&mut self) {
        self.child.kill().await.expect("the program can be killed");
    }

    /// Sends a signal: `TERM`, `INT`, `STOP`, `CONT`.
    pub async fn signal(&self, name: &str) {
        signal(self.pid(), name).await;
    }

    /// Waits until it ends, and returns the exit code.
    ///
    /// # Panics
    /// When it does not end, or when a signal ended it.
    pub async fn ended(&mut self) -> i32 {
        self.ended_within(LONG)
            .await
            .code()
            .expect("the program ended by itself")
    }

    async fn ended_within(&mut self, bound: Duration) -> ExitStatus {
        match timeout(bound, self.child.wait()).await {
            Ok(ended) => ended.expect("a child can be waited for"),
            Err(_) => panic!("it does not end: {}", self.log()),
        }
    }

    /// Waits until it ends, by itself or by a signal.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn died(&mut self) -> ExitStatus {
        self.ended_within(LONG).await
    }

    /// Stops it with SIGTERM, waits until it ends, and returns the exit code.
    pub async fn terminate(&mut self) -> i32 {
        self.signal("TERM").await;
        self.ended().await
    }
}

/// Sends a signal to a process.
///
/// # Panics
/// When there is no such process.
pub async fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill")
        .args([format!("-{name}"), pid.to_string()])
        .status();
    let sent = sent.await.expect("there is a program called kill");
    assert!(sent.success(), "SIG{name} could not be sent");
}

/// Returns the command lines of all processes that name `dir` or whose working directory is in it.
pub fn processes_in(dir: &Path) -> Vec<String> {
    let name = dir.to_string_lossy().into_owned();
    let of = |process: &Path| {
        let words = std::fs::read(process.join("cmdline")).ok()?;
        let words = String::from_utf8_lossy(&words).replace('\0', " ");
        let works_there =
            std::fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd.starts_with(dir));
        (works_there || words.contains(&name)).then_some(words)
    };
    let all = std::fs::read_dir("/proc").expect("the kernel lists processes");
    all.flatten()
        .filter_map(|process| of(&process.path()))
        .collect()
}
