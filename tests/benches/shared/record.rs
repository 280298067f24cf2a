//! What workers sent and when, by their own clock; all are on one machine.

use std::{
    fs,
    path::Path,
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};
use tempfile::TempDir;

/// What one worker sends.
#[derive(Default)]
pub(crate) struct Sent(Mutex<Telling>);

#[derive(Default)]
struct Telling {
    sent: Vec<u64>,
    missed: Vec<u64>,
}

impl Sent {
    /// A slot was used just now, or was not.
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

    /// To be read by who keeps the record.
    pub(crate) fn write(&self, path: &Path) {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all = json!({"sent": told.sent, "missed": told.missed});
        fs::write(path, all.to_string()).expect("the folder is ours");
    }
}

/// The folder into which workers write.
pub(crate) struct Record(TempDir);

/// What all of them sent.
pub(crate) struct Told {
    /// When, since 1970, the first one first.
    pub(crate) sent: Vec<Duration>,
    /// When slots turned out to be missed.
    pub(crate) missed: Vec<Duration>,
}

impl Record {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder of its own"))
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    /// Reads it, once the workers have ended.
    pub(crate) fn read(&self) -> Told {
        let files = fs::read_dir(self.folder()).expect("the folder is ours");
        let (mut sent, mut missed) = (Vec::new(), Vec::new());
        for file in files.flatten() {
            let text = fs::read(file.path()).expect("the file is ours");
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
