//! The minimum of a lookup: call, read, decode, hash and write. There is no queue, no seal and no result.
//!
//! It is measured with the default decoder and with that of the pipeline, so that the comparison is fair.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{
    Engine,
    engine::{GeneralPurposeConfig, general_purpose::STANDARD, simd::Simd},
};
use kyc_tests::Usage;
use object_store::{ObjectStore, PutMode, local::LocalFileSystem, path::Path};
use radius_api::{Answer, BvnData, Client, ClientConfig, Request};
use secrecy::SecretString;

use crate::{
    report::Leg,
    stage::{Stage, plain_number},
};

/// The decoder of base64.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Decoder {
    /// The default decoder, which works byte by byte.
    Scalar,
    /// A decoder that uses the processor's wide registers.
    Simd,
}

impl Decoder {
    fn decode(self, text: &str) -> Vec<u8> {
        let decoded = match self {
            Self::Scalar => STANDARD.decode(text),
            Self::Simd => Simd::standard(GeneralPurposeConfig::new()).decode(text),
        };
        decoded.expect("base64")
    }
}

/// Makes `jobs` lookups, `at_once` at a time.
pub(crate) async fn bare_loop(stage: &Stage, jobs: usize, at_once: usize, by: Decoder) -> Leg {
    let fsync = stage.fsync;
    let mut config = ClientConfig::new(stage.radius_url.clone(), SecretString::from("bench"));
    config.pool_max_idle = at_once;
    let client = Client::new(config).expect("the sandbox's address");
    let dir = stage.dir.path().join(format!("bare-{jobs}-{by:?}"));
    std::fs::create_dir_all(&dir).expect("a folder");
    let store = LocalFileSystem::new_with_prefix(&dir)
        .expect("a store")
        .with_fsync(fsync);
    let store: Arc<dyn ObjectStore> = Arc::new(store);
    let next = Arc::new(AtomicUsize::new(0));
    let own = [std::process::id()];
    let (before, started) = (Usage::of(&own), Instant::now());
    let tasks: Vec<_> = (0..at_once)
        .map(|_| {
            tokio::spawn(one_after_another(
                client.clone(),
                Arc::clone(&store),
                Arc::clone(&next),
                (jobs, by),
            ))
        })
        .collect();
    for task in tasks {
        task.await.expect("no lookup fails");
    }
    let rate = jobs as f64 / started.elapsed().as_secs_f64();
    let cpu_micros = Usage::of(&own).cpu_micros_since(&before, 0) / jobs as f64;
    if !fsync {
        // Frees the memory, so that the next measurement begins with the same free pages. On a disk the files stay: a
        // file system is slow to make files right after it has deleted ten thousand.
        std::fs::remove_dir_all(dir).expect("the folder can be removed");
    }
    Leg {
        rate,
        worker: cpu_micros,
        redis: 0.0,
    }
}

async fn one_after_another(
    client: Client,
    store: Arc<dyn ObjectStore>,
    next: Arc<AtomicUsize>,
    (jobs, by): (usize, Decoder),
) {
    loop {
        let position = next.fetch_add(1, Ordering::Relaxed);
        if position >= jobs {
            return;
        }
        let request = Request::bvn(&plain_number(position)).expect("a number");
        let reply = client.send(&request).await.expect("an answer");
        let image = {
            let Ok(Answer::Found(found)) =
                reply.read::<BvnData<'_>>(&radius_api::Reading::default())
            else {
                panic!("a plain number is found")
            };
            let text = found.data.biodata.image.expect("an image");
            by.decode(&text)
        };
        let hash = digest(&SHA256, &image);
        assert_eq!(hash.as_ref().len(), 32);
        // The same layout as in the pipeline: a folder for each verification.
        let place = Path::from(format!("default/{position:026}/photo"));
        store
            .put_opts(&place, image.into(), PutMode::Create.into())
            .await
            .expect("written");
    }
}
