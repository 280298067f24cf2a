//! The certificate of the server, read again when its files change.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

/// How often the files are looked at.
const BETWEEN_LOOKS: Duration = Duration::from_secs(5);

/// The files of a certificate.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate and those between it and its root, in PEM.
    pub cert: PathBuf,
    /// Its private key, in PEM.
    pub key: PathBuf,
}

/// The certificate in use.
pub(super) struct Tls {
    files: TlsFiles,
    state: Mutex<State>,
}

struct State {
    acceptor: TlsAcceptor,
    looked: Instant,
    /// When the files were last written.
    written: [Option<SystemTime>; 2],
}

impl Tls {
    pub(super) fn load(files: TlsFiles) -> Result<Self, String> {
        let state = State {
            written: written(&files),
            acceptor: acceptor(&files)?,
            looked: Instant::now(),
        };
        Ok(Self {
            files,
            state: Mutex::new(state),
        })
    }

    /// Returns the acceptor for the next connection. If new files cannot be read, the certificate before stays in use.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.looked.elapsed() >= BETWEEN_LOOKS {
            state.looked = Instant::now();
            let written = written(&self.files);
            if written != state.written {
                state.written = written;
                match acceptor(&self.files) {
                    Ok(acceptor) => {
                        state.acceptor = acceptor;
                        tracing::info!("Read the new certificate");
                    }
                    Err(why) => {
                        tracing::error!(why, "The new certificate is not used; the one before is");
                    }
                }
            }
        }
        state.acceptor.clone()
    }
}

fn written(files: &TlsFiles) -> [Option<SystemTime>; 2] {
    [&files.cert, &files.key].map(|path| std::fs::metadata(path).ok()?.modified().ok())
}

fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, String> {
    let wrong = |path: &Path, what: &str| format!("{} is no {what} in PEM", path.display());
    let certs = CertificateDer::pem_file_iter(&files.cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .ok()
        .filter(|certs| !certs.is_empty())
        .ok_or_else(|| wrong(&files.cert, "certificate"))?;
    let key =
        PrivateKeyDer::from_pem_file(&files.key).map_err(|_| wrong(&files.key, "private key"))?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_no_client_auth()
        .with_single_cert(certs, key);
    let mut config = config.map_err(|_| {
        format!(
            "{} does not belong to {}",
            files.key.display(),
            files.cert.display()
        )
    })?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
