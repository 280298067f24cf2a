//! Reading, deleting and checking, and the content of the disk.

use kyc_blobs::{Config, Kept, ReadImageError, StoreError};

use crate::{Fixture, ID, TENANT, base64, data_key, jpeg, url_of};

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

#[tokio::test]
async fn nothing_of_the_image_is_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let fixture = Fixture::in_folder(&folder);
    let bytes = jpeg(1);
    assert!(contains(&bytes, b"JFIF"));
    let image = fixture.kept(&base64(&bytes)).await;
    let stored = std::fs::read(folder.path().join(&image.key)).unwrap();
    assert!(stored.starts_with(b"KYCP\x02"));
    for piece in [&bytes[..3], b"JFIF", &bytes[100..116]] {
        assert!(!contains(&stored, piece), "{piece:?}");
    }
}

#[tokio::test]
async fn opens_only_as_itself() {
    let fixture = Fixture::in_memory();
    let image = fixture.kept(&base64(&jpeg(1))).await;
    let (blobs, key) = (&fixture.blobs, image.key.as_str());
    let other = data_key(&fixture.vault, "01j1");
    for (data_key, part) in [(&other, "photo"), (&fixture.key, "signature")] {
        let error = blobs.open_image(data_key, part, key).await.unwrap_err();
        assert!(matches!(error, ReadImageError::Sealed { .. }), "{error}");
    }
    let error = blobs
        .open_image(&fixture.key, "photo", "acme/01j0/other")
        .await
        .unwrap_err();
    assert!(matches!(error, ReadImageError::NotFound { .. }), "{error}");
    let error = blobs
        .open_image(&fixture.key, "photo", "../../etc/passwd")
        .await
        .unwrap_err();
    assert!(
        matches!(error, ReadImageError::Store(StoreError::BadKey { .. })),
        "{error}"
    );
}

#[tokio::test]
async fn deletes_twice_without_complaint_and_leaves_no_folder() {
    let folder = tempfile::tempdir().unwrap();
    for fixture in [Fixture::in_folder(&folder), Fixture::in_memory()] {
        let image = fixture.kept(&base64(&jpeg(1))).await;
        for _ in 0..2 {
            fixture.blobs.delete(&image.key).await.unwrap();
        }
        let gone = fixture
            .blobs
            .open_image(&fixture.key, "photo", &image.key)
            .await;
        assert!(matches!(gone, Err(ReadImageError::NotFound { .. })));
    }
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[tokio::test]
async fn refuses_names_that_are_no_path() {
    let fixture = Fixture::in_memory();
    let text = base64(&jpeg(1));
    let long = "x".repeat(129);
    for bad in ["", ".", "..", "a/b", "a b", "a#1", "ä", "a\0", &long] {
        for (tenant, name) in [(bad, "photo"), (TENANT, bad)] {
            let kept = fixture
                .blobs
                .keep(&fixture.key, tenant, ID, name, &text)
                .await;
            assert!(matches!(kept, Err(StoreError::BadKey { .. })), "{bad}");
        }
        assert!(
            fixture
                .blobs
                .delete(&format!("acme/01j0/{bad}"))
                .await
                .is_err(),
            "{bad}"
        );
    }
    let foreign = data_key(&fixture.vault, "01j1");
    let kept = fixture
        .blobs
        .keep(&foreign, TENANT, ID, "photo", &text)
        .await;
    assert!(matches!(kept, Err(StoreError::ForeignKey { .. })));
}

#[tokio::test]
async fn a_check_leaves_nothing_behind() {
    Fixture::in_memory().blobs.check().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    for fsync in [true, false] {
        let config = Config {
            fsync,
            ..Config::default()
        };
        Fixture::at(&url_of(&folder), config)
            .blobs
            .check()
            .await
            .unwrap();
    }
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[tokio::test]
async fn a_folder_that_takes_nothing_fails_the_check_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("blobs");
    let url = format!("file://{}", inner.display());
    let fixture = Fixture::at(&url, Config::default());
    std::fs::remove_dir(&inner).unwrap();
    std::fs::write(&inner, b"a file where the folder was").unwrap();

    let error = fixture.blobs.check().await.unwrap_err();
    let sentence = error.to_string();
    assert!(sentence.starts_with("cannot write `probe-"), "{sentence}");
    assert!(
        sentence.contains(&url) && sentence.contains("Not a directory"),
        "{sentence}"
    );
    assert!(!sentence.contains('\n') && error.is_retryable());

    let error = fixture.keep(&base64(&jpeg(1))).await.unwrap_err();
    assert!(error.is_retryable(), "{error}");
    std::fs::remove_file(&inner).unwrap();
    assert!(matches!(
        fixture.keep(&base64(&jpeg(1))).await,
        Ok(Kept::Image(..))
    ));
}

/// Opening a pipe without a writer blocks, as does a network file system whose server is gone.
#[cfg(unix)]
#[tokio::test]
async fn a_store_that_does_not_answer_gives_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let fixture = Fixture::in_folder(&folder);
    let image = fixture.kept(&base64(&jpeg(1))).await;
    let pipe = folder.path().join(&image.key);
    std::fs::remove_file(&pipe).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let reading = fixture.blobs.open_image(&fixture.key, "photo", &image.key);
    let bound = std::time::Duration::from_secs(60);
    let error = tokio::time::timeout(bound, reading)
        .await
        .expect("the operation has a timeout")
        .unwrap_err();
    // Releases the blocked thread, without which the runtime cannot shut down.
    drop(std::fs::OpenOptions::new().write(true).open(&pipe).unwrap());
    assert!(
        matches!(error, ReadImageError::Store(StoreError::Slow { .. })),
        "{error}"
    );
    assert!(error.to_string().contains("photo"), "{error}");
}
