//! Key records: written, replaced, listed and deleted, in memory and in a folder.

#![expect(clippy::unwrap_used, reason = "a test ends where something fails")]

use std::collections::BTreeSet;

use futures::TryStreamExt as _;
use kyc_blobs::{Blobs, Config, StoreError};

const ID: &str = "01J9ZQ3V5T8Y6K2M4N7P0R1S2B";
const OTHER: &str = "01J9ZQ3V5T8Y6K2M4N7P0R1S2C";

async fn names(blobs: &Blobs, group: &str) -> BTreeSet<String> {
    blobs.records(group).try_collect().await.unwrap()
}

#[tokio::test]
async fn a_record_is_written_replaced_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("file://{}", folder.path().display());
    for (url, fsync) in [("memory://", true), (&*file, true), (&*file, false)] {
        let config = Config {
            fsync,
            ..Config::default()
        };
        let blobs = Blobs::open(url, config).unwrap();
        assert_eq!(blobs.record("kyc", ID).await.unwrap(), None);
        // What is not there is not replaced.
        blobs
            .replace_record("kyc", ID, "late".into())
            .await
            .unwrap();
        assert_eq!(blobs.record("kyc", ID).await.unwrap(), None);
        for content in ["one", "two"] {
            blobs.put_record("kyc", ID, content.into()).await.unwrap();
            let read = blobs.record("kyc", ID).await.unwrap().unwrap();
            assert_eq!(read, content);
        }
        blobs
            .replace_record("kyc", ID, "three".into())
            .await
            .unwrap();
        assert_eq!(blobs.record("kyc", ID).await.unwrap().unwrap(), "three");
        blobs.put_record("kyc", OTHER, "x".into()).await.unwrap();
        blobs.put_record("kyc2", ID, "x".into()).await.unwrap();
        let both = BTreeSet::from([ID.to_owned(), OTHER.to_owned()]);
        assert_eq!(names(&blobs, "kyc").await, both);
        for id in [ID, OTHER] {
            blobs.delete_record("kyc", id).await.unwrap();
            blobs.delete_record("kyc", id).await.unwrap();
            assert_eq!(blobs.record("kyc", id).await.unwrap(), None);
        }
        assert_eq!(names(&blobs, "kyc").await, BTreeSet::new());
        assert_eq!(names(&blobs, "kyc2").await, BTreeSet::from([ID.to_owned()]));
        blobs.delete_record("kyc2", ID).await.unwrap();
    }
}

#[tokio::test]
async fn records_have_one_owner() {
    let blobs = Blobs::open("memory://", Config::default()).unwrap();
    assert!(blobs.claim_records("kyc", "one").await.unwrap());
    assert!(blobs.claim_records("kyc", "one").await.unwrap());
    assert!(!blobs.claim_records("kyc", "two").await.unwrap());
    assert!(blobs.claim_records("other", "two").await.unwrap());
}

#[tokio::test]
async fn names_that_reach_elsewhere_are_refused() {
    let blobs = Blobs::open("memory://", Config::default()).unwrap();
    for (group, id) in [
        ("..", ID),
        ("kyc", ".."),
        ("a/b", ID),
        ("kyc", "a/b"),
        ("", ID),
    ] {
        let refused = blobs.put_record(group, id, "x".into()).await;
        assert!(
            matches!(refused, Err(StoreError::BadKey { .. })),
            "{group} {id}"
        );
    }
}
