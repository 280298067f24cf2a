//! The times at which workers sent calls, by the clock of the machine that they share.

use std::{
    fs,
    path::Path,
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};
use tempfile::TempDir;

/// The calls of one worker.
#[derive(Default)]
pub(crate) struct Sent(Mutex<Telling>);

#[derive(Default)]
struct Telling {
    sent: Vec<u64>,
    missed: Vec<u64>,
}

impl Sent {
    /// Records that a slot was used or missed just now.
    pub(crate) fn tell(&self, used: bool) {
        let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let times = if used {
            &mut told.sent
        } else {
            &mut told.missed
        };
        times.push(since.as_micros() as u64);
    }

    /// Writes the record to a file.
    pub(crate) fn write(&self, path: &Path) {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all = json!({"sent": told.sent, "missed": told.missed});
        fs::write(path, all.to_string()).expect("the folder is writable");
    }
}

/// The folder for the records of all workers.
pub(crate) struct Record(TempDir);

/// The calls of all workers.
pub(crate) struct Told {
    /// The times of the calls since 1970, in order.
    pub(crate) sent: Vec<Duration>,
    /// The times at which slots were found to be missed.
    pub(crate) missed: Vec<Duration>,
}

impl Record {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder of its own"))
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    /// Reads all records, once the workers have ended.
    pub(crate) fn read(&self) -> Told {
        let files = fs::read_dir(self.folder()).expect("the folder is writable");
        let (mut sent, mut missed) = (Vec::new(), Vec::new());
        for file in files.flatten() {
            let text = fs::read(file.path()).expect("the file is readable");
            let all: Value = serde_json::from_slice(&text).expect("a worker wrote it");
            for (name, times) in [("sent", &mut sent), ("missed", &mut missed)] {
                let micros = all[name].as_array().into_iter().flatten();
                times.extend(micros.filter_map(Value::as_u64).map(Duration::from_micros));
            }
        }
        sent.sort_unstable();
        Told { sent, missed }
    }
}
