//! The data that must stay secret, and the places that must not contain it.

use std::{borrow::Cow, path::Path};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use kyc_queue::Queue;
use kyc_telemetry::scan::Needles;
use kyc_tests::{Job, TOKEN, World, eventually};
use redis::{Value, aio::MultiplexedConnection};

use crate::raw;

/// A place to search: its name and its bytes.
pub(crate) type Haystack = (String, Vec<u8>);

/// Shorter names occur in sealed bytes by accident. Elsewhere four letters are enough.
const LONG_NAME: usize = 7;

/// The data that must not be found.
pub(crate) struct Secrets {
    /// Patterns for text.
    all: Needles,
    /// Patterns for sealed data, which is random bytes.
    long: Needles,
    numbers: usize,
}

impl Secrets {
    /// Collects the personal data of these jobs, and the credentials of the world.
    pub(crate) fn of<'a>(world: &World, jobs: impl Iterator<Item = &'a Job>) -> Self {
        let mut secrets = Self {
            all: Needles::new(),
            long: Needles::new(),
            numbers: 0,
        };
        let key = world.setting("keys").split_once(':').unwrap().1;
        for (label, text) in [("token", TOKEN), ("key", key)] {
            secrets.all.text(label, text).unwrap();
            secrets.long.text(label, text).unwrap();
        }
        for job in jobs {
            secrets.number(job.number());
            for field in ["bvn", "nin", "phone", "email", "address"] {
                if let Some(text) = job.who[field].as_str() {
                    secrets.number(text);
                }
            }
            for field in ["first_name", "middle_name", "last_name", "company_name"] {
                if let Some(name) = job.who[field].as_str() {
                    secrets.name(name);
                }
            }
        }
        secrets
    }

    /// Adds a number, or any other literal text.
    pub(crate) fn number(&mut self, text: &str) {
        let label = format!("number {}", self.numbers);
        self.numbers += 1;
        self.all.text(&label, text).unwrap();
        self.long.text(&label, text).unwrap();
    }

    /// Adds a name, if it is long enough.
    pub(crate) fn name(&mut self, name: &str) {
        let label = format!("name {}", self.numbers);
        self.numbers += 1;
        if name.chars().filter(|c| c.is_alphabetic()).count() >= 4 {
            self.all.name(&label, name).unwrap();
        }
        if name.len() >= LONG_NAME {
            self.long.name(&label, name).unwrap();
        }
    }

    /// Adds the images of all published verifications, as files and as base64.
    pub(crate) async fn images(&mut self, world: &World, queue: &Queue) {
        let blobs = raw::blobs(world);
        for result in world.published(queue).await {
            let id = result.id.parse().unwrap();
            let known = world.look(queue, id).await;
            let key = queue.data_key(id).await.unwrap().unwrap();
            for image in known.outcome.iter().flat_map(|outcome| &outcome.images) {
                let opened = blobs.open_image(&key, &image.name, &image.key);
                let bytes = opened.await.unwrap().bytes;
                for needles in [&mut self.all, &mut self.long] {
                    needles.bytes("image", &bytes).unwrap();
                    needles
                        .text("image as text", &BASE64_STANDARD.encode(&bytes))
                        .unwrap();
                }
            }
        }
    }

    /// Asserts that none of it is in these places. `control` must be found, which shows that the search works.
    #[track_caller]
    pub(crate) fn nowhere_in(&self, place: &str, haystacks: &[Haystack], control: &str) {
        assert!(self.all.len() > 1_000, "{} secrets", self.all.len());
        for needles in [&self.all, &self.long] {
            assert!(
                !needles.find_in(TOKEN.as_bytes()).is_empty(),
                "it finds nothing"
            );
        }
        let mut controls = 0;
        let mut found = Vec::new();
        for (name, bytes) in haystacks {
            let mut pieces = bytes.windows(control.len());
            controls += usize::from(pieces.any(|piece| piece == control.as_bytes()));
            // What is sealed is random: a short name is found in it by chance.
            let is_sealed = bytes
                .windows(4)
                .take(3)
                .any(|piece| piece == b"KYCP" || piece == b"KYCK");
            let sealed = is_sealed || name.contains("appendonly");
            let (needles, bytes) = if sealed {
                (&self.long, Cow::Borrowed(&bytes[..]))
            } else {
                (&self.all, Cow::Owned(without_our_words(bytes)))
            };
            for secret in needles.find_in(&bytes) {
                found.push(format!("{secret} of {name}"));
            }
        }
        assert!(
            controls > 0,
            "{control} is not in {place}: nothing was searched"
        );
        assert_eq!(found, Vec::<String>::new(), "in {place}");
    }
}

/// Returns the text without `deleted`, which contains the name Dele.
fn without_our_words(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    text.replace("deleted", "").into_bytes()
}

/// Returns every file below a folder.
pub(crate) fn files_below(folder: &Path) -> Vec<Haystack> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    files
}

/// Returns every key and every value of Redis, of any type.
pub(crate) async fn redis_values(world: &World) -> Vec<Haystack> {
    let mut redis = world.redis().await;
    let mut values = Vec::new();
    let mut cursor = 0_u64;
    loop {
        let mut scan = redis::cmd("SCAN");
        let (next, keys): (u64, Vec<String>) = scan
            .arg(cursor)
            .arg("COUNT")
            .arg(1_000)
            .query_async(&mut redis)
            .await
            .unwrap();
        for key in keys {
            let value = read(&mut redis, &key).await;
            leaves(&key, value, &mut values);
            values.push((format!("the name {key}"), key.into_bytes()));
        }
        cursor = next;
        if cursor == 0 {
            return values;
        }
    }
}

async fn read(redis: &mut MultiplexedConnection, key: &str) -> Value {
    let kind: String = redis::cmd("TYPE")
        .arg(key)
        .query_async(redis)
        .await
        .unwrap();
    let (command, range): (&str, &[&str]) = match kind.as_str() {
        "string" => ("GET", &[]),
        "hash" => ("HGETALL", &[]),
        "list" => ("LRANGE", &["0", "-1"]),
        "set" => ("SMEMBERS", &[]),
        "zset" => ("ZRANGE", &["0", "-1", "WITHSCORES"]),
        "stream" => ("XRANGE", &["-", "+"]),
        other => panic!("{key} is a {other}, which this test cannot read"),
    };
    redis::cmd(command)
        .arg(key)
        .arg(range)
        .query_async(redis)
        .await
        .unwrap()
}

fn leaves(key: &str, value: Value, into: &mut Vec<Haystack>) {
    match value {
        Value::BulkString(bytes) => into.push((key.to_owned(), bytes)),
        Value::SimpleString(text) => into.push((key.to_owned(), text.into_bytes())),
        Value::Array(values) | Value::Set(values) => {
            for value in values {
                leaves(key, value, into);
            }
        }
        Value::Map(pairs) => {
            for (name, value) in pairs {
                leaves(key, name, into);
                leaves(key, value, into);
            }
        }
        Value::Int(_) | Value::Double(_) | Value::Nil => {}
        other => panic!("{key} holds {other:?}, which this test cannot read"),
    }
}

/// Has Redis rewrite its append-only file in plain form, and returns it. Inbox entries that were taken are gone from it.
pub(crate) async fn aof(world: &World) -> Vec<Haystack> {
    let mut redis = world.redis().await;
    for setting in ["aof-use-rdb-preamble", "rdbcompression"] {
        let mut set = redis::cmd("CONFIG");
        set.arg("SET")
            .arg(setting)
            .arg("no")
            .exec_async(&mut redis)
            .await
            .unwrap();
    }
    redis::cmd("BGREWRITEAOF")
        .exec_async(&mut redis)
        .await
        .unwrap();
    let folder = world.redis_dir().join("appendonlydir");
    eventually("the file is rewritten", async || {
        let mut redis = redis.clone();
        let info: String = redis::cmd("INFO")
            .arg("persistence")
            .query_async(&mut redis)
            .await
            .unwrap();
        let idle =
            info.contains("aof_rewrite_in_progress:0") && info.contains("aof_rewrite_scheduled:0");
        // The old files are deleted a moment later.
        let files = std::fs::read_dir(&folder).unwrap().count();
        let rewritten = std::fs::read_dir(&folder)
            .unwrap()
            .flatten()
            .any(|file| file.file_name().to_string_lossy().ends_with(".2.base.aof"));
        (idle && rewritten && files == 3).then_some(())
    })
    .await;
    files_below(&folder)
}
