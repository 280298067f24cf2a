//! Images in a cloud store: they are deleted with their jobs, orphans are swept, and a store that is slow or hangs costs no
//! call and no job.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use kyc_blobs::{Blobs, Config};
use kyc_queue::{Queue, State};
use kyc_tests::{
    Job, Ran, World, eventually, eventually_within,
    s3::{Mood, S3},
};
use redis::AsyncCommands as _;
use tokio::net::TcpListener;

const LONG: Duration = Duration::from_secs(120);

/// Ids that were generated long ago.
const OWNER: &str = "01J9ZQ3V5T8Y6K2M4N7P0R1S2A";
const KNOWN: &str = "01J9ZQ3V5T8Y6K2M4N7P0R1S2C";

/// A world whose images are in a store on this machine.
async fn world() -> (World, S3, Queue) {
    let (mut world, store) = (World::new().await, S3::start().await);
    world.set("blob_url", "s3://images/kyc");
    world.set("allow_plaintext", "true");
    for (name, value) in store.variables() {
        world.set_variable(name, &value);
    }
    let queue = world.queue().await;
    (world, store, queue)
}

#[tokio::test(flavor = "multi_thread")]
async fn images_are_deleted_with_their_job() {
    let (world, store, queue) = world().await;
    let worker = world.worker("one", &[]).await;
    let id = world.enqueue(&queue, &Job::of_case("nin", "000")).await;
    assert_eq!(world.end_of(&queue, id).await.state, State::Completed);
    let of_job = format!("kyc/default/{id}/");
    let keys = store.keys();
    assert!(keys.iter().any(|key| key.starts_with(&of_job)), "{keys:?}");
    // An image that no outcome names.
    store.put(&format!("{of_job}photo-0123456789ab"), b"sealed");
    store.put(&format!("kyc/default/{id}0/photo"), b"of another job");
    let id = id.to_string();
    world.run(["jobs", "discard", &id]).await.good();
    let keys = store.keys();
    assert!(!keys.iter().any(|key| key.starts_with(&of_job)), "{keys:?}");
    assert!(keys.contains(&format!("kyc/default/{id}0/photo")));
    assert_eq!(store.requests().unsigned, 0);
    drop(worker);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daily_sweep_reads_all_pages_of_the_list() {
    let (world, store, _) = world().await;
    let mut redis = world.redis().await;
    let _: () = redis.set("{kyc}:owner", OWNER).await.unwrap();
    let known = format!("{{kyc}}:job:{KNOWN}");
    let _: usize = redis.hset(known, "header", "{}").await.unwrap();
    let stay = [
        format!("kyc/zenith/{KNOWN}/photo"),
        "kyc/notes.txt".to_owned(),
        format!("other/acme/{OWNER}/photo"),
    ];
    for key in &stay {
        store.put(key, b"sealed");
    }
    // More than two pages, the last of which has the known job.
    for nth in 0..2_100 {
        store.put(
            &format!("kyc/acme/01J9ZQ3V5T8Y6K2M4N7P{nth:06}/photo"),
            b"sealed",
        );
    }
    store.set(Mood::Slow(2));
    let worker = world.worker("one", &[]).await;
    eventually_within(LONG, "the orphans are deleted", async || {
        worker.log().contains("belong to no job").then_some(())
    })
    .await;
    assert!(worker.log().contains("jobs=2100"), "{}", worker.log());
    let left = store.keys();
    assert!(stay.iter().all(|key| left.contains(key)), "{left:?}");
    // Beside them, the mark of the owner.
    assert_eq!(left.len(), stay.len() + 1, "{left:?}");
    assert!(
        store.requests().lists >= 3 + 2_100,
        "{:?}",
        store.requests()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_asks_to_slow_down_loses_nothing() {
    let (world, store, queue) = world().await;
    let _worker = world.worker("one", &[("pause_first", "200ms")]).await;
    // For a moment, and for longer than a worker tries.
    for (times, number) in [(4, "12345671000"), (60, "12345672000")] {
        let job = Job::new("nin", number);
        let slowed = store.requests().slowed;
        store.set(Mood::Slow(times));
        let id = world.enqueue(&queue, &job).await;
        let ended = eventually_within(LONG, "the job ends", async || {
            let known = world.look(&queue, id).await;
            known.state.is_final().then_some(known)
        })
        .await;
        assert_eq!(ended.state, State::Completed, "{ended:?}");
        assert_eq!(store.requests().slowed, slowed + u64::from(times));
        assert_eq!(world.calls(&job), 1, "{times}");
        let images = ended.outcome.unwrap().images;
        assert!(!images.is_empty());
        for image in images {
            assert!(
                store.keys().contains(&format!("kyc/{}", image.key)),
                "{times}"
            );
        }
    }
    world.nothing_left(&queue).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_hangs_is_given_up_and_the_job_is_kept() {
    let (world, store, queue) = world().await;
    let mut worker = world.worker("one", &[("pause_first", "200ms")]).await;
    let job = Job::of_case("nin", "000");
    store.set(Mood::Hanging);
    let id = world.enqueue(&queue, &job).await;
    eventually_within(LONG, "the answer is retained", async || {
        world.look(&queue, id).await.answer_retained.then_some(())
    })
    .await;
    store.set(Mood::Well);
    eventually_within(LONG, "the job completes", async || {
        let known = world.look(&queue, id).await;
        (known.state == State::Completed).then_some(())
    })
    .await;
    assert_eq!(world.calls(&job), 1);
    assert_eq!(worker.terminate().await, 0);
    // Deleting is given up as well, and the job still names its images.
    store.set(Mood::Hanging);
    let name = id.to_string();
    let words = ["jobs", "discard", &name];
    let ran = world.run(words).await;
    let said = format!("{}{}", ran.out, ran.err);
    assert!(ran.code != 0 && said.contains("does not answer"), "{ran:?}");
    assert_eq!(world.look(&queue, id).await.state, State::Completed);
    store.set(Mood::Well);
    world.run(words).await.good();
    assert_eq!(queue.look(id).await.unwrap().map(|job| job.state), None);
    let keys = store.keys();
    assert!(!keys.iter().any(|key| key.contains(&name)), "{keys:?}");
}

/// Counts the connections to a proxy, which closes them.
async fn trap() -> (Arc<AtomicUsize>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, SeqCst);
        }
    });
    (count, url)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_proxy_of_the_environment_is_used_and_plain_text_is_a_setting() {
    let (mut world, store, _) = world().await;
    let (trapped, proxy) = trap().await;
    let doctor = ["doctor", "--quiet", "--local"];
    let names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];
    let names = names
        .into_iter()
        .flat_map(|name| [name.to_owned(), name.to_lowercase()]);
    let proxies: Vec<_> = names.map(|name| (name, proxy.clone())).collect();
    let ran = Ran::of(world.kyc(doctor).envs(proxies)).await;
    assert_eq!(ran.good(), "");
    assert_eq!((store.requests().puts, trapped.load(SeqCst)), (1, 0));
    for name in ["AWS_PROXY_URL", "GOOGLE_PROXY_URL", "AZURE_PROXY_EXCLUDES"] {
        let ran = Ran::of(world.kyc(["work"]).env(name, &proxy)).await;
        assert!(ran.code != 0 && ran.err.contains(name), "{ran:?}");
        assert!(ran.err.contains("without a proxy: unset it"), "{ran:?}");
    }
    // Nor one of the options, for any program that uses the library.
    let mut options: Vec<_> = store
        .variables()
        .map(|(name, value)| (name.to_lowercase(), value))
        .into();
    options.extend(["proxy_url", "aws_proxy_url"].map(|name| (name.to_owned(), proxy.clone())));
    let config = Config {
        allow_plaintext: true,
        ..Config::default()
    };
    let blobs = Blobs::open_with("s3://images", options.clone(), config).unwrap();
    blobs.check().await.unwrap();
    assert_eq!((store.requests().puts, trapped.load(SeqCst)), (2, 0));
    // Without the setting, nothing is sent in clear, whatever the options say.
    options.push(("aws_allow_http".to_owned(), "true".to_owned()));
    let blobs = Blobs::open_with("s3://images", options, Config::default()).unwrap();
    blobs.check().await.unwrap_err();
    world.unset("allow_plaintext");
    let ran = world.run(doctor).await;
    let said = format!("{}{}", ran.out, ran.err);
    assert!(ran.code != 0 && said.contains("blob store"), "{ran:?}");
    assert_eq!(store.requests().puts, 2);
    eventually("nothing else arrived", async || {
        (trapped.load(SeqCst) == 0).then_some(())
    })
    .await;
}
