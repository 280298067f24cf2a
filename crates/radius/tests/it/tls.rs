//! TLS with a private certificate authority, and HTTP/2 if the server offers it.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use radius_api::{Client, Error, Request, Sent};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::server::config;

const BODY: &str =
    r#"{"status":"success","data":{"type":"response","data":{"identity":{"bvn":"1"}}}}"#;

/// A server of `https://localhost` whose certificate is signed by an unknown authority.
struct Tls {
    address: String,
    authority: String,
    heard: Arc<Mutex<Vec<(Version, bool)>>>,
}

/// A private certificate authority, and a certificate for `localhost` that it signed.
pub(crate) fn identity(offers: &[&str]) -> (String, TlsAcceptor) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let mut tls = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    tls.alpn_protocols = offers.iter().map(|name| name.as_bytes().to_vec()).collect();
    (authority.pem(), TlsAcceptor::from(Arc::new(tls)))
}

impl Tls {
    async fn start(offers: &[&str]) -> Self {
        let (authority, tls) = identity(offers);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: format!(
                "https://localhost:{}",
                listener.local_addr().unwrap().port()
            ),
            authority,
            heard: Arc::default(),
        };
        tokio::spawn(serve(listener, tls, server.heard.clone()));
        server
    }

    fn heard(&self) -> Vec<(Version, bool)> {
        self.heard.lock().unwrap().clone()
    }
}

async fn serve(listener: TcpListener, tls: TlsAcceptor, heard: Arc<Mutex<Vec<(Version, bool)>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let Ok(stream) = tls.accept(stream).await else {
            continue;
        };
        let heard = heard.clone();
        let answer = service_fn(move |request: hyper::Request<Incoming>| {
            let asked = request.uri().path() == "/identity/bvn/advanced/1";
            heard.lock().unwrap().push((request.version(), asked));
            async {
                Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(
                    BODY.as_bytes(),
                ))))
            }
        });
        tokio::spawn(async move {
            let _ = Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), answer)
                .await;
        });
    }
}

#[tokio::test]
async fn an_authority_of_one_s_own_is_trusted_and_http_2_is_taken_where_it_is_offered() {
    let cases = [
        (&["h2", "http/1.1"][..], Version::HTTP_2),
        (&["http/1.1"][..], Version::HTTP_11),
    ];
    for (offers, version) in cases {
        let server = Tls::start(offers).await;
        let mut config = config(&server.address);
        config.extra_roots = vec![server.authority.clone().into_bytes()];
        let client = Client::new(config).unwrap();
        let reply = client.send(&Request::bvn("1").unwrap()).await.unwrap();
        assert_eq!(reply.body, BODY.as_bytes());
        assert_eq!(server.heard(), [(version, true)]);
    }
}

#[tokio::test]
async fn an_unknown_authority_is_refused_before_anything_is_sent() {
    let known = Tls::start(&["h2"]).await;
    let unknown = Tls::start(&["h2"]).await;
    let mut config = config(&unknown.address);
    config.extra_roots = vec![known.authority.clone().into_bytes()];
    let error = Client::new(config)
        .unwrap()
        .send(&Request::bvn("1").unwrap())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Connect { .. }), "{error}");
    assert_eq!(error.sent(), Sent::NotSent);
    assert_eq!(unknown.heard(), []);
}
