//! Opening a store by its URL: accepted URLs, and the sentences of errors.

use kyc_blobs::{Blobs, Config, OpenStoreError};

fn refusal(url: &str) -> OpenStoreError {
    Blobs::open(url, Config::default()).expect_err("the URL should be refused")
}

#[test]
fn creates_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("a b/c");
    let url = format!("file://{}", inner.display());
    let blobs = Blobs::open(&url, Config::default()).unwrap();
    assert!(inner.is_dir());
    assert!(format!("{blobs:?}").contains("a%20b/c"));
}

#[test]
fn a_folder_below_a_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, b"").unwrap();
    let sentence = refusal(&format!("file://{}/blobs", file.display())).to_string();
    assert!(
        sentence.contains("file/blobs cannot be created"),
        "{sentence}"
    );
    assert!(
        sentence.contains("give this user permission to write"),
        "{sentence}"
    );
}

#[test]
fn names_what_is_wrong_with_a_url() {
    for url in ["", "blobs", "/var/lib/kyc", "file://host/folder"] {
        assert!(matches!(refusal(url), OpenStoreError::BadUrl), "{url}");
    }
    for url in [
        "ftp://host/folder",
        "https://bucket.example/",
        "minio://bucket",
    ] {
        let error = refusal(url);
        assert!(
            matches!(error, OpenStoreError::UnknownScheme { .. }),
            "{url}"
        );
        assert!(error.to_string().contains("file:///folder"), "{error}");
    }
}

#[cfg(not(feature = "aws"))]
#[test]
fn a_store_that_is_not_built_in_says_how_to_get_it() {
    let sentence = refusal("s3://bucket/prefix").to_string();
    assert_eq!(
        sentence,
        "this build has no support for `s3://`: build it with the feature `aws`"
    );
}

#[cfg(all(feature = "aws", feature = "gcp", feature = "azure"))]
#[test]
fn cloud_stores_take_options_and_show_no_credentials() {
    let stores = [
        (
            "s3://bucket/prefix",
            vec![("AWS_REGION", "af-south-1"), ("aws_nonsense", "1")],
        ),
        (
            "gs://bucket/prefix",
            vec![("google_skip_signature", "true")],
        ),
        (
            "az://container/prefix",
            vec![("azure_storage_account_name", "kyc")],
        ),
    ];
    for (url, options) in stores {
        let options = options
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value.to_owned()));
        let blobs = Blobs::open_with(url, options, Config::default()).unwrap();
        assert!(format!("{blobs:?}").contains(url), "{blobs:?}");
    }
    let sentence = refusal("az://container/prefix").to_string();
    assert!(sentence.contains("cannot be set up"), "{sentence}");
    let blobs = Blobs::open("s3://user:secret@bucket/?token=secret", Config::default()).unwrap();
    assert!(!format!("{blobs:?}").contains("secret"));
}
