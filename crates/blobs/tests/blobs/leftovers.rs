//! Deleting everything of a verification, and half-written files.

use std::fs;

use futures::TryStreamExt as _;
use kyc_blobs::{Blobs, Config};

use crate::{Fixture, ID, TENANT, base64, jpeg, url_of};

#[tokio::test]
async fn all_objects_of_a_verification_are_deleted() {
    let folder = tempfile::tempdir().expect("a folder");
    let fixture = Fixture::in_folder(&folder);
    let image = fixture.kept(&base64(&jpeg(1))).await;
    let place = folder.path().join(TENANT).join(ID);
    fs::write(place.join("photo#1"), "half").expect("the folder is writable");
    fs::write(place.join("signature-0123456789ab"), "not in an outcome")
        .expect("the folder is writable");
    let other = folder.path().join(TENANT).join("01j1");
    fs::create_dir(&other).expect("the folder is writable");
    fs::write(other.join("photo"), "another's").expect("the folder is writable");
    assert_eq!(
        fixture
            .blobs
            .delete_all(TENANT, ID)
            .await
            .expect("the folder is writable"),
        3
    );
    assert!(!place.exists());
    assert!(
        other.join("photo").exists(),
        "the images of another verification remain"
    );
    assert_eq!(
        fixture
            .blobs
            .delete_all(TENANT, ID)
            .await
            .expect("a repeat succeeds"),
        0
    );
    assert!(fixture.blobs.delete_all("..", ID).await.is_err());
    assert!(fixture.blobs.delete_all(TENANT, "../01j1").await.is_err());
    assert!(!image.key.is_empty());
}

#[tokio::test]
async fn objects_in_other_stores_are_deleted_too() {
    let fixture = Fixture::in_memory();
    let image = fixture.kept(&base64(&jpeg(1))).await;
    assert_eq!(
        fixture
            .blobs
            .delete_all(TENANT, ID)
            .await
            .expect("the store works"),
        1
    );
    let opened = fixture
        .blobs
        .open_image(&fixture.key, "photo", &image.key)
        .await;
    assert!(opened.is_err());
}

#[tokio::test]
async fn old_half_written_files_are_swept() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("acme/01j0");
    fs::create_dir_all(&place).expect("the folder is writable");
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(25 * 3600);
    for (name, is_old) in [
        ("photo#1", true),
        ("photo#2", false),
        ("photo", true),
        ("photo#x", true),
    ] {
        let file = fs::File::create(place.join(name)).expect("the folder is writable");
        if is_old {
            file.set_modified(old).expect("the folder is writable");
        }
    }
    let blobs = Blobs::open(&url_of(&folder), Config::default()).expect("the store opens");
    assert_eq!(blobs.sweep().await.expect("the store works"), 1);
    assert!(!place.join("photo#1").exists() && place.join("photo#2").exists());
}

#[tokio::test]
async fn verifications_are_listed_and_a_store_has_one_owner() {
    let folder = tempfile::tempdir().expect("a folder");
    for fixture in [Fixture::in_folder(&folder), Fixture::in_memory()] {
        let blobs = &fixture.blobs;
        assert!(blobs.claim("one").await.expect("the store works"));
        for byte in [1, 2] {
            fixture.kept(&base64(&jpeg(byte))).await;
        }
        // Not an image, in a folder of images.
        fs::create_dir_all(folder.path().join(TENANT)).expect("the folder is writable");
        fs::write(folder.path().join(TENANT).join("notes.txt"), "a person's")
            .expect("the folder is writable");
        let mut listed: Vec<(String, String)> = blobs
            .verifications()
            .try_collect()
            .await
            .expect("the store works");
        listed.dedup();
        assert_eq!(listed, [(TENANT.to_owned(), ID.to_owned())]);
        assert!(blobs.claim("one").await.expect("the store works"));
        assert!(!blobs.claim("other").await.expect("the store works"));
    }
}
