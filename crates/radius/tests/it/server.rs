//! A server that answers with given bytes and stores those that it receives. Of HTTP it knows only the blank line after a head.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use radius_api::{Client, ClientConfig, Error, Reply, Request};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The token of the tests' clients, which no error may show.
pub(crate) const TOKEN: &str = "tok-5f3a9c";

/// The behaviour of a connection after a request has arrived.
#[derive(Clone)]
pub(crate) enum Then {
    /// Send these bytes, then close.
    Send(Vec<u8>),
    /// Send these bytes, then keep the connection open and silent.
    Stall(Vec<u8>),
    /// Send these bytes, and close without an answer when the connection is used again.
    Once(Vec<u8>),
    /// Send these bytes for each request of the connection.
    Serve(Vec<u8>),
}

pub(crate) struct Server {
    pub(crate) address: String,
    heard: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<usize>>,
}

impl Server {
    pub(crate) async fn start(then: Then) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(Mutex::new(0));
        let server = Self {
            address,
            heard: heard.clone(),
            connections: connections.clone(),
        };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *connections.lock().unwrap() += 1;
                tokio::spawn(answer(stream, then.clone(), heard.clone()));
            }
        });
        server
    }

    /// Returns the heads of all requests so far, each up to its blank line.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }
}

async fn answer(
    mut stream: TcpStream,
    then: Then,
    heard: Arc<Mutex<Vec<String>>>,
) -> io::Result<()> {
    let mut used = false;
    while let Some(head) = head(&mut stream).await? {
        heard.lock().unwrap().push(head);
        match &then {
            Then::Send(bytes) => {
                stream.write_all(bytes).await?;
                stream.shutdown().await?;
                // Reading to the end makes the client see a close instead of a reset.
                stream.read_to_end(&mut Vec::new()).await?;
            }
            Then::Stall(bytes) => {
                stream.write_all(bytes).await?;
                stream.read_to_end(&mut Vec::new()).await?;
            }
            Then::Once(_) if used => return Ok(()),
            Then::Once(bytes) => stream.write_all(bytes).await?,
            Then::Serve(bytes) => stream.write_all(bytes).await?,
        }
        used = true;
    }
    Ok(())
}

async fn head(stream: &mut TcpStream) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => bytes.push(byte),
            Err(_) => return Ok(None),
        }
    }
    Ok(Some(String::from_utf8(bytes).unwrap()))
}

/// Returns a response: a status line and headers, then the body with its length.
pub(crate) fn http(head: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes =
        format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

pub(crate) fn config(base_url: &str) -> ClientConfig {
    let mut config = ClientConfig::new(base_url, TOKEN.to_owned().into());
    config.connect_timeout = Duration::from_secs(10);
    config.timeout = Duration::from_secs(30);
    config
}

/// A configuration for servers that never answer: the time-outs are short, but long enough for a busy machine.
pub(crate) fn hasty(base_url: &str) -> ClientConfig {
    let mut config = config(base_url);
    config.connect_timeout = Duration::from_millis(500);
    config.timeout = Duration::from_secs(1);
    config
}

impl Then {
    /// Returns a configuration with short time-outs only for a server that leaves the client waiting.
    pub(crate) fn config(&self, base_url: &str) -> ClientConfig {
        match self {
            Self::Stall(_) => hasty(base_url),
            _ => config(base_url),
        }
    }
}

/// Starts a server with this behaviour and sends one BVN request to it.
pub(crate) async fn exchange(then: Then) -> Result<Reply, Error> {
    let server = Server::start(then).await;
    let client = Client::new(config(&server.address)).unwrap();
    client
        .send(&Request::bvn(crate::silence::NUMBER).unwrap())
        .await
}
