//! The server's own TLS: versions, certificates, and what is no TLS.

use std::time::Duration;

use kyc_tests::{World, eventually};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use reqwest::{Certificate, Client, Version};
use tokio::io::AsyncWriteExt;

use crate::{
    attacks::raw::{connect, read_to_end},
    support::Api,
};

/// Writes a new certificate for `localhost`. Returns it, to be trusted by a client.
fn write_certificate(world: &World) -> Certificate {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    for (name, pem) in [
        ("server.pem", cert.pem()),
        ("server.key", signing_key.serialize_pem()),
    ] {
        write_private(world, name, &pem);
    }
    Certificate::from_pem(cert.pem().as_bytes()).unwrap()
}

fn write_private(world: &World, name: &str, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    let path = world.dir().join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// Starts a server with TLS. Returns the certificate of its first client.
async fn start(world: &World) -> (Api, Certificate) {
    let certificate = write_certificate(world);
    let file = |name: &str| world.dir().join(name).display().to_string();
    let settings = [
        ("serve_tls_cert", &*file("server.pem")),
        ("serve_tls_key", &*file("server.key")),
    ];
    let api = Api::start(world, &settings).await;
    assert!(api.address.starts_with("https://"), "{}", api.address);
    (api, certificate)
}

/// A client that trusts one certificate alone.
fn client(certificate: &Certificate, only_http1: bool) -> Client {
    let client = Client::builder()
        .no_proxy()
        .tls_certs_only([certificate.clone()]);
    let client = if only_http1 {
        client.http1_only()
    } else {
        client
    };
    client.build().unwrap()
}

/// Asks the server by its name. Returns the version of HTTP, or `None` if the connection failed.
async fn ask(api: &Api, client: &Client) -> Option<Version> {
    let (_, port) = api.address.rsplit_once(':').unwrap();
    let url = format!("https://localhost:{port}/healthz");
    let answer = client.get(url).send().await.ok()?;
    assert_eq!(answer.status(), 200);
    Some(answer.version())
}

#[tokio::test(flavor = "multi_thread")]
async fn both_versions_of_http_are_spoken() {
    let world = World::new().await;
    let (api, certificate) = start(&world).await;
    for (only_http1, version) in [(false, Version::HTTP_2), (true, Version::HTTP_11)] {
        let client = client(&certificate, only_http1);
        assert_eq!(ask(&api, &client).await, Some(version));
    }
    assert!(
        !api.server.log().contains("other users"),
        "{}",
        api.server.log()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_certificate_is_used_for_new_connections_and_a_broken_one_is_not() {
    let world = World::new().await;
    let (api, first) = start(&world).await;
    let staying = [client(&first, false), client(&first, true)];
    for client in &staying {
        assert!(ask(&api, client).await.is_some());
    }
    let second = write_certificate(&world);
    let newer = eventually("the new certificate is used", async || {
        let client = client(&second, false);
        ask(&api, &client).await.map(|_| client)
    })
    .await;
    // Who trusts only the first cannot connect any more; so these have kept their connections.
    assert_eq!(ask(&api, &client(&first, false)).await, None);
    for client in staying.iter().chain([&newer]) {
        assert!(ask(&api, client).await.is_some());
    }
    write_private(&world, "server.pem", "no certificate\n");
    eventually("the broken certificate is reported", async || {
        assert!(ask(&api, &client(&second, false)).await.is_some());
        let log = api.server.log();
        let reported = log.contains("The new certificate is not used");
        (reported && log.contains("server.pem is no certificate in PEM")).then_some(())
    })
    .await;
    assert!(ask(&api, &client(&second, true)).await.is_some());
    let third = write_certificate(&world);
    eventually("the mended certificate is used", async || {
        ask(&api, &client(&third, false)).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_tls_or_too_old_is_refused() {
    let world = World::new().await;
    let (api, certificate) = start(&world).await;
    let answer = async |bytes: &[u8]| {
        let mut stream = connect(&api).await;
        stream.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        let read = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut answer);
        // A reset is an end, too.
        let _ = tokio::time::timeout(Duration::from_secs(20), read)
            .await
            .unwrap();
        answer
    };
    let plain = answer(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(!plain.starts_with(b"HTTP"), "{plain:?}");
    // SSL 3, TLS 1.0 and 1.1: an alert, and no handshake.
    for version in 0..=2 {
        let refused = answer(&hello(version)).await;
        assert_eq!(refused.first(), Some(&ALERT), "{version}: {refused:?}");
    }
    let accepted = answer_of_tls(&api, &hello(3)).await;
    assert_eq!(accepted, HANDSHAKE, "TLS 1.2 is spoken");
    // A handshake that never ends is given up.
    let mut stream = connect(&api).await;
    stream.write_all(&hello(3)[..20]).await.unwrap();
    let ended = read_to_end(&mut stream, Duration::from_secs(25)).await;
    assert!(ended.is_some(), "the connection is still open");
    assert!(ask(&api, &client(&certificate, false)).await.is_some());
}

/// The types of records in TLS.
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;

/// Returns the type of the first record that the server sends.
async fn answer_of_tls(api: &Api, bytes: &[u8]) -> u8 {
    let mut stream = connect(api).await;
    stream.write_all(bytes).await.unwrap();
    tokio::io::AsyncReadExt::read_u8(&mut stream).await.unwrap()
}

/// Returns the first message of a client whose newest version is 3.`minor`: 3.1 is TLS 1.0, 3.3 is TLS 1.2.
fn hello(minor: u8) -> Vec<u8> {
    let mut body = vec![3, minor];
    body.extend([7; 32]);
    body.push(0);
    // ECDHE_ECDSA with AES-128-GCM (1.2) and with AES-128-CBC and SHA-1 (before), then no compression.
    body.extend([0, 4, 0xc0, 0x2b, 0xc0, 0x09, 1, 0]);
    // The curve P-256, uncompressed points, and signatures with ECDSA over P-256.
    let extensions = [
        0, 10, 0, 4, 0, 2, 0, 23, // groups
        0, 11, 0, 2, 1, 0, // points
        0, 13, 0, 4, 0, 2, 4, 3, // signatures
        0, 23, 0, 0, // extended master secret
    ];
    body.extend([0, extensions.len() as u8]);
    body.extend(extensions);
    let length = body.len() as u8;
    let mut record = vec![HANDSHAKE, 3, 1, 0, length + 4, 1, 0, 0, length];
    record.extend(body);
    record
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_others_can_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new().await;
    write_certificate(&world);
    let key = world.dir().join("server.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let file = |name: &str| world.dir().join(name).display().to_string();
    let settings = [
        ("serve_tls_cert", &*file("server.pem")),
        ("serve_tls_key", &*file("server.key")),
    ];
    let api = Api::start(&world, &settings).await;
    let log = api.server.log();
    assert!(log.contains("server.key") && log.contains("WARN"), "{log}");
}
