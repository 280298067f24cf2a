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
    micros: Vec<u64>,
    missed: usize,
}

impl Sent {
    /// A slot was used just now, or was not.
    pub(crate) fn tell(&self, used: bool) {
        let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if used {
            told.micros.push(since.as_micros() as u64);
        } else {
            told.missed += 1;
        }
    }

    /// To be read by who keeps the record.
    pub(crate) fn write(&self, path: &Path) {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all = json!({"micros": told.micros, "missed": told.missed});
        fs::write(path, all.to_string()).expect("the folder is ours");
    }
}

/// The folder into which workers write.
pub(crate) struct Record(TempDir);

/// What all of them sent.
pub(crate) struct Told {
    /// When, since 1970, the first one first.
    pub(crate) sent: Vec<Duration>,
    /// Slots that were not used.
    pub(crate) missed: usize,
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
        let (mut sent, mut missed) = (Vec::new(), 0);
        for file in files.flatten() {
            let text = fs::read(file.path()).expect("the file is ours");
            let all: Value = serde_json::from_slice(&text).expect("a worker wrote it");
            let micros = all["micros"].as_array().into_iter().flatten();
            sent.extend(micros.filter_map(Value::as_u64).map(Duration::from_micros));
            missed += all["missed"].as_u64().unwrap_or_default() as usize;
        }
        sent.sort_unstable();
        Told { sent, missed }
    }
}
