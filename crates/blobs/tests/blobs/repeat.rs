//! Storing the same or another image again: objects are never overwritten.

use kyc_blobs::{Image, Kept, ReadImageError, StoreError};

use crate::{Fixture, ID, TENANT, base64, data_key, jpeg};

#[tokio::test]
async fn a_repeat_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let fixture = Fixture::in_folder(&folder);
    let text = base64(&jpeg(1));
    let first = fixture.kept(&text).await;
    let stored = std::fs::read(folder.path().join(&first.key)).unwrap();
    assert_eq!(fixture.kept(&text).await, first);
    assert_eq!(
        std::fs::read(folder.path().join(&first.key)).unwrap(),
        stored
    );
    assert_eq!(
        folder
            .path()
            .join(TENANT)
            .join(ID)
            .read_dir()
            .unwrap()
            .count(),
        1
    );
}

#[tokio::test]
async fn a_repeat_by_another_worker_is_recognised() {
    let fixture = Fixture::in_memory();
    let text = base64(&jpeg(1));
    let first = fixture.kept(&text).await;
    let other = reopened(&fixture);
    let again = fixture
        .blobs
        .keep(&other, TENANT, ID, "photo", &text)
        .await
        .unwrap();
    assert_eq!(again, Kept::Image(first, None));
}

#[tokio::test]
async fn other_content_gets_another_key() {
    let fixture = Fixture::in_memory();
    let (one, two) = (jpeg(1), jpeg(2));
    let first = fixture.kept(&base64(&one)).await;
    let second = fixture.kept(&base64(&two)).await;
    assert_eq!(
        second.key,
        format!("acme/01j0/photo-{}", &second.sha256[..12])
    );
    assert_eq!(second.name, "photo");
    assert_eq!(fixture.bytes_of(&first).await, one);
    assert_eq!(fixture.bytes_of(&second).await, two);
    assert_eq!(fixture.kept(&base64(&two)).await, second);
    assert_eq!(fixture.kept(&base64(&one)).await, first);
}

#[tokio::test]
async fn an_object_that_does_not_open_is_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let fixture = Fixture::in_folder(&folder);
    let taken = folder.path().join(TENANT).join(ID);
    std::fs::create_dir_all(&taken).unwrap();
    std::fs::write(taken.join("photo"), b"a foreign object").unwrap();

    let bytes = jpeg(1);
    let image = fixture.kept(&base64(&bytes)).await;
    assert_ne!(image.key, "acme/01j0/photo");
    assert_eq!(fixture.bytes_of(&image).await, bytes);
    assert_eq!(
        std::fs::read(taken.join("photo")).unwrap(),
        b"a foreign object"
    );

    std::fs::write(folder.path().join(&image.key), b"a foreign object").unwrap();
    let error = fixture.keep(&base64(&bytes)).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Taken { key, .. } if *key == image.key),
        "{error}"
    );
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn a_half_written_file_does_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let fixture = Fixture::in_folder(&folder);
    let taken = folder.path().join(TENANT).join(ID);
    std::fs::create_dir_all(&taken).unwrap();
    std::fs::write(taken.join("photo#1"), b"KYC1\x02k1 and then the power went").unwrap();

    let bytes = jpeg(1);
    let image = fixture.kept(&base64(&bytes)).await;
    assert_eq!(image.key, "acme/01j0/photo");
    assert_eq!(fixture.bytes_of(&image).await, bytes);
}

#[tokio::test]
async fn many_at_once_keep_one_object_each() {
    let folder = tempfile::tempdir().unwrap();
    let fixture = Fixture::in_folder(&folder);
    let texts = [base64(&jpeg(1)), base64(&jpeg(2))];
    let tasks: Vec<_> = (0..16)
        .map(|at| {
            let (blobs, key, text) = (
                fixture.blobs.clone(),
                fixture.key.clone(),
                texts[at % 2].clone(),
            );
            tokio::spawn(async move { blobs.keep(&key, TENANT, ID, "photo", &text).await })
        })
        .collect();
    let mut images: Vec<Image> = Vec::new();
    for task in tasks {
        let Kept::Image(image, _) = task.await.unwrap().unwrap() else {
            panic!("an image")
        };
        images.push(image);
    }
    images.sort_by(|one, other| one.key.cmp(&other.key));
    images.dedup();
    assert_eq!(images.len(), 2, "one key for each content: {images:?}");
    assert_eq!(images[0].key, "acme/01j0/photo");
}

#[tokio::test]
async fn a_copy_opens_with_its_own_verification_and_outlives_the_first() {
    const OTHER: &str = "01j9";
    let fixture = Fixture::in_memory();
    let bytes = jpeg(1);
    let image = fixture.kept(&base64(&bytes)).await;
    let (blobs, vault) = (&fixture.blobs, &fixture.vault);
    let key = data_key(vault, OTHER);
    let mut copies = Vec::new();
    for _ in 0..2 {
        copies.push(
            blobs
                .copy(&fixture.key, &image, &key, TENANT)
                .await
                .unwrap(),
        );
    }
    assert_eq!(copies[0], copies[1], "the call is safe to repeat");
    let copy = &copies[0];
    assert_eq!(copy.key, format!("{TENANT}/{OTHER}/photo"));
    assert_eq!(
        (
            &copy.sha256,
            &copy.media_type,
            copy.width,
            copy.height,
            copy.bytes
        ),
        (
            &image.sha256,
            &image.media_type,
            image.width,
            image.height,
            image.bytes
        )
    );
    blobs.delete(&image.key).await.unwrap();
    let opened = blobs.open_image(&key, "photo", &copy.key).await;
    assert_eq!(opened.unwrap().bytes.to_vec(), bytes);
    let foreign = blobs.open_image(&fixture.key, "photo", &copy.key).await;
    assert!(matches!(foreign, Err(ReadImageError::Sealed { .. })));
    let gone = blobs.copy(&fixture.key, &image, &key, TENANT).await;
    assert!(matches!(gone, Err(ReadImageError::NotFound { .. })));
}

#[tokio::test]
async fn an_object_that_is_not_the_described_image_is_not_copied() {
    let fixture = Fixture::in_memory();
    let mut image = fixture.kept(&base64(&jpeg(1))).await;
    image.sha256 = fixture.kept(&base64(&jpeg(2))).await.sha256;
    let key = data_key(&fixture.vault, "01j9");
    let copied = fixture.blobs.copy(&fixture.key, &image, &key, TENANT).await;
    assert!(matches!(copied, Err(ReadImageError::Differs { .. })));
}

/// The data key, as another worker opens it.
fn reopened(fixture: &Fixture) -> kyc_vault::DataKey {
    let owner = kyc_vault::Owner {
        tenant: TENANT,
        kind: "bvn",
        verification: ID,
    };
    let record = fixture.key.record();
    fixture.vault.key(owner, record).expect("the key is there")
}
