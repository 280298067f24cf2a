//! Redis over TLS with certificates of a private authority, which is trusted only if a setting names it.

use std::path::PathBuf;

use kyc_sandbox::redis::{Options, PrivateRedis};
use kyc_tests::{World, redis_program};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

use crate::cli::refused;

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Returns a certificate for `localhost`, and its key.
fn pair(authority: &Authority) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    // A certificate with the name of its issuer would look self-signed.
    params
        .distinguished_name
        .push(DnType::CommonName, "localhost");
    let certificate = params.signed_by(&key, authority).unwrap();
    (certificate.pem(), key.serialize_pem())
}

/// A world whose folder has the certificates, and a Redis that uses them for TLS on a second port.
struct Tls {
    world: World,
    redis: redis::aio::MultiplexedConnection,
    port: u16,
    _server: PrivateRedis,
}

impl Tls {
    /// Starts it. Returns `None` if the installed Redis has no TLS.
    async fn start() -> Option<Self> {
        let world = World::without_sandbox("http://127.0.0.1:9");
        let (ours, other) = (authority(), authority());
        let ((certificate, key), (own, own_key)) = (pair(&ours), pair(&ours));
        for (name, pem) in [
            ("ca.pem", &ours.pem()),
            ("other.pem", &other.pem()),
            ("server.pem", &certificate),
            ("server.key", &key),
            ("client.pem", &own),
            ("client.key", &own_key),
            ("empty.pem", &String::new()),
        ] {
            std::fs::write(world.dir().join(name), pem).unwrap();
        }
        let server = PrivateRedis::start(Options {
            binary: redis_program(),
            ..Options::default()
        });
        let server = server.unwrap();
        let client = redis::Client::open(server.url()).unwrap();
        let mut redis = client.get_multiplexed_async_connection().await.unwrap();
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let file = |name: &str| world.dir().join(name).display().to_string();
        let set = [
            ("tls-cert-file", file("server.pem")),
            ("tls-key-file", file("server.key")),
            ("tls-ca-cert-file", file("ca.pem")),
            ("tls-auth-clients", "no".to_owned()),
            ("tls-port", port.to_string()),
        ];
        let mut command = redis::cmd("CONFIG");
        command.arg("SET");
        for (name, value) in set {
            command.arg(name).arg(value);
        }
        if command.exec_async(&mut redis).await.is_err() {
            return None;
        }
        Some(Self {
            world,
            redis,
            port,
            _server: server,
        })
    }

    fn file(&self, name: &str) -> String {
        let path: PathBuf = self.world.dir().join(name);
        path.display().to_string()
    }

    /// Runs `kyc queue stats` with these files. Asserts that it succeeds, or that its error contains all of `said`.
    async fn try_with(&mut self, host: &str, files: &[(&str, &str)], said: &[&str]) {
        let keys = ["redis_ca_file", "redis_cert_file", "redis_key_file"];
        for key in keys {
            self.world.unset(key);
        }
        for (key, file) in files {
            self.world.set(key, &self.file(file));
        }
        let url = format!("rediss://{host}:{}", self.port);
        self.world.set("redis_url", &url);
        let ran = self.world.run(["queue", "stats"]).await;
        if said.is_empty() {
            ran.good();
        } else {
            refused(&self.world, &ran, said);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_authority_is_trusted_if_a_setting_names_it() {
    let Some(mut tls) = Tls::start().await else {
        return;
    };
    let ca = ("redis_ca_file", "ca.pem");
    tls.try_with("localhost", &[ca], &[]).await;
    tls.try_with("localhost", &[], &["KYC_REDIS_CA_FILE"]).await;
    let other = ("redis_ca_file", "other.pem");
    tls.try_with("localhost", &[other], &["KYC_REDIS_CA_FILE"])
        .await;
    tls.try_with("127.0.0.1", &[ca], &["other names", "KYC_REDIS_URL"])
        .await;
    let empty = ("redis_ca_file", "empty.pem");
    tls.try_with(
        "localhost",
        &[empty],
        &["KYC_REDIS_CA_FILE is wrong", "PEM"],
    )
    .await;
    let nowhere = ("redis_ca_file", "nowhere.pem");
    tls.try_with(
        "localhost",
        &[nowhere],
        &["KYC_REDIS_CA_FILE is wrong", "cannot be read"],
    )
    .await;
    let doctor = tls.world.run(["doctor", "--local", "--quiet"]).await;
    assert!(doctor.out.contains("KYC_REDIS_CA_FILE"), "{doctor:?}");

    let mut demand = redis::cmd("CONFIG");
    demand.arg(&["SET", "tls-auth-clients", "yes"]);
    demand.exec_async(&mut tls.redis).await.unwrap();
    tls.try_with("localhost", &[ca], &["KYC_REDIS_CERT_FILE"])
        .await;
    let (certificate, key) = (
        ("redis_cert_file", "client.pem"),
        ("redis_key_file", "client.key"),
    );
    tls.try_with("localhost", &[ca, certificate, key], &[])
        .await;
    tls.try_with(
        "localhost",
        &[ca, certificate],
        &["KYC_REDIS_KEY_FILE is not set"],
    )
    .await;
    tls.try_with("localhost", &[ca, key], &["KYC_REDIS_CERT_FILE is not set"])
        .await;
    let damaged = ("redis_key_file", "empty.pem");
    tls.try_with(
        "localhost",
        &[ca, certificate, damaged],
        &["KYC_REDIS_CERT_FILE is wrong"],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mismatch_of_tls_and_plain_text_is_reported() {
    let Some(mut tls) = Tls::start().await else {
        return;
    };
    let plain = tls._server.port();
    let secured = std::mem::replace(&mut tls.port, plain);
    tls.try_with(
        "localhost",
        &[("redis_ca_file", "ca.pem")],
        &["KYC_REDIS_URL", "TLS"],
    )
    .await;
    tls.world
        .set("redis_url", &format!("redis://localhost:{secured}"));
    let ran = tls.world.run(["queue", "stats"]).await;
    refused(&tls.world, &ran, &["KYC_REDIS_URL"]);
    tls.world.set(
        "redis_url",
        &format!("rediss://localhost:{secured}/#insecure"),
    );
    let ran = tls.world.run(["queue", "stats"]).await;
    refused(&tls.world, &ran, &["KYC_REDIS_URL", "redis_ca_file"]);
}
