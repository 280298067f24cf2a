//! A connection of HTTP/1.1 that costs little: most of the processor is for the servers.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// An open connection.
pub(crate) struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: &str) -> Self {
        let host = address.trim_start_matches("http://");
        let stream = TcpStream::connect(host).await.expect("the server listens");
        stream.set_nodelay(true).expect("a socket");
        Self {
            stream,
            read: Vec::with_capacity(4096),
        }
    }

    /// Sends a request.
    pub(crate) async fn send(&mut self, request: &[u8]) {
        self.stream
            .write_all(request)
            .await
            .expect("the server reads");
    }

    /// Reads an answer of known length. Returns its status and body.
    pub(crate) async fn answer(&mut self) -> (u16, String) {
        let head = self.until(b"\r\n\r\n").await;
        let head = String::from_utf8_lossy(&head).into_owned();
        let status = head.get(9..12).and_then(|status| status.parse().ok());
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let is_length = name.eq_ignore_ascii_case("content-length");
            is_length.then(|| value.trim().parse().ok()).flatten()
        });
        let length: usize = length.unwrap_or_else(|| panic!("the answer has a length: {head}"));
        while self.read.len() < length {
            self.more().await;
        }
        let body = self.read.drain(..length).collect::<Vec<u8>>();
        let body = String::from_utf8(body).expect("text");
        (status.expect("a status"), body)
    }

    /// Reads up to and with these bytes.
    pub(crate) async fn until(&mut self, end: &[u8]) -> Vec<u8> {
        let mut looked = 0;
        loop {
            let from = &self.read[looked..];
            if let Some(at) = from.windows(end.len()).position(|window| window == end) {
                return self.read.drain(..looked + at + end.len()).collect();
            }
            looked = self.read.len().saturating_sub(end.len() - 1);
            self.more().await;
        }
    }

    async fn more(&mut self) {
        let count = self.stream.read_buf(&mut self.read).await;
        assert!(count.expect("the server answers") > 0, "the server hung up");
    }
}

/// Returns a request with a body of JSON.
pub(crate) fn post(path: &str, key: &str, idempotency_key: &str, body: &str) -> Vec<u8> {
    let named = match idempotency_key {
        "" => String::new(),
        name => format!("idempotency-key: {name}\r\n"),
    };
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n{named}content-type: application/json\r\n\
         content-length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body.as_bytes()].concat()
}

/// Returns a request without a body.
pub(crate) fn get(path: &str, key: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n\r\n")
        .into_bytes()
}
