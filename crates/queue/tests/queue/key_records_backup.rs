//! What a backup of the queue's Redis holds, and what it still opens after a verification was erased.

use std::{fs, path::Path};

use kyc_domain::VerificationId;
use kyc_queue::{Config, Error, KeyRecords, Queue};
use kyc_sandbox::redis::{Options, PrivateRedis};
use redis::AsyncCommands as _;
use serde_json::json;

use crate::support::{
    Case, binary, connect, connected, field, key_of, opened, request, start, with_store, worker,
};

/// All files of a server, after it has saved a snapshot beside its append-only file.
async fn files(case: &Case) -> Vec<Vec<u8>> {
    let mut raw = case.raw().await;
    redis::cmd("SAVE").exec_async(&mut raw).await.unwrap();
    let mut all = Vec::new();
    read_below(case.redis.dir(), &mut all);
    assert!(all.len() >= 3, "a snapshot, an append-only file, a log");
    all
}

fn read_below(folder: &Path, all: &mut Vec<Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_below(&path, all);
        } else {
            all.push(fs::read(path).unwrap());
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

fn hold(files: &[Vec<u8>], bytes: &[u8]) -> bool {
    files
        .iter()
        .any(|file| file.windows(bytes.len()).any(|part| part == bytes))
}

async fn completed(case: &Case) -> VerificationId {
    let one = start(&case.queue, worker("one"), opened(&case.queue));
    let id = case.enqueue(&request("bvn", 1, json!({}))).await.id;
    assert!(case.completed(id).await.outcome.is_some());
    one.stop().await;
    id
}

/// The queue of a copy of the server's files, with all keys, and the same store.
async fn restored(case: &Case, folder: &Path) -> (PrivateRedis, Queue) {
    let server = PrivateRedis::start(Options {
        binary: binary(),
        append_only: true,
        dir: Some(folder.to_owned()),
        ..Options::default()
    })
    .unwrap();
    let (config, keys) = case.address();
    let config = Config {
        url: server.url(),
        ..config
    };
    let queue = connect(&config, &keys).await;
    (server, queue)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_opens_what_was_erased_only_where_key_records_are_in_it() {
    for is_in_store in [true, false] {
        let (case, store) = with_store(|config| {
            if !is_in_store {
                config.key_records = KeyRecords::default();
            }
        })
        .await;
        let id = completed(&case).await;
        let record: Vec<u8> = match is_in_store {
            true => connected(&store).await.get(key_of(id)).await.unwrap(),
            false => field(&case, id).await,
        };
        // The tag, the wrapped key and all before them.
        let wrapped = &record[record.len() - 48..];
        assert_eq!(hold(&files(&case).await, wrapped), !is_in_store);

        let backup = tempfile_dir();
        copy(case.redis.dir(), &backup.0);
        assert_eq!(case.queue.discard(&[id]).await.unwrap(), 1);
        let (_server, queue) = restored(&case, &backup.0).await;
        match queue.request(id).await {
            Ok(Some(_)) => assert!(!is_in_store, "an erased job opened"),
            Err(Error::Erased { .. }) => assert!(is_in_store),
            other => panic!("{other:?}"),
        }
        let known = queue.look(id).await.unwrap().unwrap();
        assert_eq!(
            (known.erased, known.outcome.is_none()),
            (is_in_store, is_in_store)
        );
        case.done().await;
    }
}

/// A folder that is removed with it.
struct Folder(std::path::PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn tempfile_dir() -> Folder {
    let name = format!("kyc-backup-{}", VerificationId::generate());
    Folder(std::env::temp_dir().join(name))
}
