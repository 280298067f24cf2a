//! Opens the store that a URL names.

use std::path::PathBuf;
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use url::Url;

use crate::OpenStoreError;
use crate::disk::Disk;

/// A store, and the prefix of all keys in it.
pub(crate) struct Location {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) prefix: Path,
    /// The URL, without credentials.
    pub(crate) name: String,
    /// The folder of a local store.
    pub(crate) folder: Option<PathBuf>,
    /// The folder of a local store without fsync.
    pub(crate) disk: Option<Disk>,
}

type Options = Vec<(String, String)>;

impl Location {
    pub(crate) fn open(
        url: &str,
        options: Options,
        fsync: bool,
        allow_plaintext: bool,
    ) -> Result<Self, OpenStoreError> {
        let url = Url::parse(url).map_err(|_| OpenStoreError::BadUrl)?;
        let name = without_credentials(url.clone());
        let folder = url.to_file_path().ok().filter(|_| url.scheme() == "file");
        let (store, prefix) = match url.scheme() {
            "file" => (local(&url, &name, fsync)?, Path::ROOT),
            "memory" => (Arc::new(InMemory::new()) as _, Path::ROOT),
            _ => {
                let prefix = Path::from_url_path(url.path()).map_err(|_| OpenStoreError::BadUrl)?;
                let options = direct(options, allow_plaintext);
                (cloud(&url, &name, options)?, prefix)
            }
        };
        Ok(Self {
            store,
            prefix,
            name,
            disk: folder.clone().filter(|_| !fsync).map(Disk::new),
            folder,
        })
    }
}

fn without_credentials(mut url: Url) -> String {
    // An error means that the scheme allows no password, so there is none to remove.
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

fn local(url: &Url, name: &str, fsync: bool) -> Result<Arc<dyn ObjectStore>, OpenStoreError> {
    let path = url.to_file_path().map_err(|()| OpenStoreError::BadUrl)?;
    std::fs::create_dir_all(&path).map_err(|source| OpenStoreError::Folder {
        path: path.clone(),
        source,
    })?;
    let store = LocalFileSystem::new_with_prefix(path).map_err(|e| setup(name, e))?;
    // With automatic cleanup no folder names a verification whose objects are deleted.
    Ok(Arc::new(
        store.with_fsync(fsync).with_automatic_cleanup(true),
    ))
}

fn setup(name: &str, source: object_store::Error) -> OpenStoreError {
    OpenStoreError::Setup {
        store: name.to_owned(),
        source,
    }
}

/// Builds a cloud store. Unknown options are ignored, because callers may pass the options of several stores.
#[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
macro_rules! build {
    ($builder:ty, $url:expr, $name:expr, $options:expr) => {{
        let mut builder = <$builder>::new()
            .with_url($url.as_str())
            .with_retry(retry());
        for (option, value) in $options {
            if let Ok(option) = option.to_ascii_lowercase().parse() {
                builder = builder.with_config(option, value);
            }
        }
        Ok(Arc::new(builder.build().map_err(|e| setup($name, e))?))
    }};
}

#[cfg_attr(
    not(any(feature = "aws", feature = "gcp", feature = "azure")),
    expect(
        unused_variables,
        clippy::needless_pass_by_value,
        reason = "no cloud store in this build"
    )
)]
fn cloud(url: &Url, name: &str, options: Options) -> Result<Arc<dyn ObjectStore>, OpenStoreError> {
    match url.scheme() {
        #[cfg(feature = "aws")]
        "s3" | "s3a" => build!(object_store::aws::AmazonS3Builder, url, name, options),
        #[cfg(feature = "gcp")]
        "gs" => build!(
            object_store::gcp::GoogleCloudStorageBuilder,
            url,
            name,
            options
        ),
        #[cfg(feature = "azure")]
        "az" | "abfs" | "abfss" => {
            build!(
                object_store::azure::MicrosoftAzureBuilder,
                url,
                name,
                options
            )
        }
        scheme => Err(no_store(scheme)),
    }
}

/// Returns the options without those about proxies and about TLS, and with the caller's decision about them instead.
///
/// `object_store` cannot be told to ignore the proxies of the environment. It does so if an option names a proxy, and that
/// proxy is used for no host.
fn direct(options: Options, allow_plaintext: bool) -> Options {
    let is_ours = |(option, _): &(String, String)| {
        let option = option.to_ascii_lowercase();
        let weakens = WEAKENING.iter().any(|end| option.ends_with(end));
        weakens || option.contains("proxy_")
    };
    let weakened = |(option, _): &(String, String)| {
        allow_plaintext
            && option
                .to_ascii_lowercase()
                .ends_with("allow_invalid_certificates")
    };
    let kept = options
        .into_iter()
        .filter(|option| !is_ours(option) || weakened(option));
    let decided = [
        ("proxy_url", "http://proxy.invalid"),
        ("proxy_excludes", "*,0.0.0.0/0,::/0"),
        ("allow_http", if allow_plaintext { "true" } else { "false" }),
    ];
    let decided = decided.map(|(option, value)| (option.to_owned(), value.to_owned()));
    kept.chain(decided).collect()
}

/// Options that switch TLS or its checks off, without the prefix of a store.
const WEAKENING: [&str; 2] = ["allow_http", "allow_invalid_certificates"];

fn no_store(scheme: &str) -> OpenStoreError {
    let scheme = scheme.to_owned();
    let feature = match scheme.as_str() {
        "s3" | "s3a" => "aws",
        "gs" => "gcp",
        "az" | "abfs" | "abfss" => "azure",
        _ => return OpenStoreError::UnknownScheme { scheme },
    };
    OpenStoreError::FeatureOff { scheme, feature }
}

/// Returns the retries of a lost request: two at most. Beyond that the job is retried, not the request.
#[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
fn retry() -> object_store::RetryConfig {
    object_store::RetryConfig {
        max_retries: 2,
        retry_timeout: std::time::Duration::from_secs(10),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_about_proxies_and_tls_are_replaced() {
        let given = [
            ("AWS_PROXY_URL", "http://trap"),
            ("proxy_url", "http://trap"),
            ("google_proxy_excludes", ""),
            ("azure_proxy_ca_certificate", "x"),
            ("AWS_ALLOW_HTTP", "true"),
            ("allow_invalid_certificates", "true"),
            ("aws_region", "af-south-1"),
        ];
        let given = || given.map(|(option, value)| (option.to_owned(), value.to_owned()));
        for (allow_plaintext, count, http) in [(false, 4, "false"), (true, 5, "true")] {
            let left = direct(given().into(), allow_plaintext);
            assert_eq!(left.len(), count, "{left:?}");
            assert!(
                left.iter().all(|(_, value)| value != "http://trap"),
                "{left:?}"
            );
            assert!(left.contains(&("allow_http".to_owned(), http.to_owned())));
            assert!(left.contains(&("aws_region".to_owned(), "af-south-1".to_owned())));
        }
    }
}
