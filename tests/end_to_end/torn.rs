//! Workers that are killed while they write an image: no stored image is incomplete, and no partial file stays.

use std::{
    fs,
    mem::MaybeUninit,
    os::fd::OwnedFd,
    path::PathBuf,
    time::{Duration, Instant},
};

use kyc_blobs::Blobs;
use kyc_domain::VerificationId;
use kyc_queue::{Queue, Verification};
use kyc_tests::{World, eventually};
use rustix::{
    fs::inotify::{self, CreateFlags, WatchFlags},
    process::{Pid, Signal, kill_process},
};

use crate::crash::{all_published_once, enqueue};

/// Large images, so that writing one takes a while.
const IMAGE_BYTES: usize = 2_000_000;
/// The number of jobs that complete before the first kill.
const FIRST: u64 = 2;
/// The number of kills that must hit a write. Most do, since a worker is killed as soon as it has opened the file.
const HITS: usize = 2;
const MOST_KILLS: usize = 30;

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_killed_during_a_write_leaves_no_partial_image() {
    let world = World::with_images_of(IMAGE_BYTES).await;
    let queue = world.queue().await;
    let jobs = enqueue(&world, &queue, 16).await;
    let settings = [("lease", "1s"), ("max_stalls", "100"), ("concurrency", "4")];
    // The sandbox draws a portrait at the first request, which takes longer than any call.
    let mut first = world.worker("first", &settings).await;
    eventually("a few jobs complete", async || {
        let depths = queue.depths(&[]).await.ok()?;
        (depths.completed >= FIRST).then_some(())
    })
    .await;
    first.kill9().await;

    let folders: Vec<PathBuf> = jobs.iter().map(|(id, _)| folder(&world, *id)).collect();
    let mut hits = 0;
    for kill in 0..MOST_KILLS {
        if hits == HITS {
            break;
        }
        let before = half_written(&folders);
        let watch = watch(&folders);
        let mut victim = world.worker(&format!("victim-{kill}"), &settings).await;
        let pid = victim.pid();
        let hitting = tokio::task::spawn_blocking(move || kill_when_it_writes(&watch, pid));
        hitting.await.unwrap();
        victim.kill9().await;
        let left = half_written(&folders);
        hits += usize::from(left.iter().any(|file| !before.contains(file)));
    }
    assert_eq!(hits, HITS, "kills that hit a write");

    let _living = world.worker("living", &settings).await;
    all_published_once(&world, &queue, &jobs).await;
    let none: [PathBuf; 0] = [];
    assert_eq!(half_written(&folders), none);
    let blobs = Blobs::open(world.setting("blob_url"), kyc_blobs::Config::default()).unwrap();
    for (id, _) in &jobs {
        is_whole(&world, &blobs, &queue, *id).await;
    }
}

/// Returns the folder of a verification's images.
fn folder(world: &World, id: VerificationId) -> PathBuf {
    world.blobs().join("default").join(id.to_string())
}

/// Watches the folders for new files.
fn watch(folders: &[PathBuf]) -> OwnedFd {
    let watch = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).unwrap();
    for folder in folders {
        fs::create_dir_all(folder).unwrap();
        inotify::add_watch(&watch, folder, WatchFlags::CREATE).unwrap();
    }
    watch
}

/// Kills the process as soon as a file is made. Gives up if none is.
fn kill_when_it_writes(watch: &OwnedFd, pid: u32) {
    let patience = Instant::now() + Duration::from_secs(5);
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).unwrap();
    let mut buffer = [MaybeUninit::uninit(); 4096];
    let mut made = inotify::Reader::new(watch, &mut buffer);
    // Polls without a pause, since an image is written within a millisecond.
    while Instant::now() < patience {
        if made.next().is_ok() {
            let _ = kill_process(pid, Signal::KILL);
            return;
        }
    }
}

/// Returns the files of images that are being written, or that a dead worker left.
fn half_written(folders: &[PathBuf]) -> Vec<PathBuf> {
    let entries = folders.iter().flat_map(fs::read_dir).flatten().flatten();
    let files = entries.map(|entry| entry.path());
    files
        .filter(|file| file.to_string_lossy().contains('#'))
        .collect()
}

/// Asserts that the image in the outcome opens and is the one that was received.
async fn is_whole(world: &World, blobs: &Blobs, queue: &Queue, id: VerificationId) {
    let Verification { outcome, .. } = world.look(queue, id).await;
    let outcome = outcome.unwrap();
    let image = outcome.images.first().unwrap();
    let key = queue.data_key(id).await.unwrap().unwrap();
    let opened = blobs
        .open_image(&key, &image.name, &image.key)
        .await
        .unwrap();
    assert_eq!(kyc_blobs::sha256(&opened.bytes), image.sha256, "{id}");
}
