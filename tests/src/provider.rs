//! A provider that sends any bytes, or none. The number in a call's path decides what it does. It counts calls by number.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// The reaction to a call.
#[derive(Clone, Debug)]
pub enum Act {
    /// Sends these bytes, then closes the connection.
    Send(Vec<u8>),
    /// Sends these bytes, then nothing more. The connection stays open.
    Stall(Vec<u8>),
    /// Resets the connection.
    Reset,
}

impl Act {
    /// Returns the same act with `NUMBER` in the body replaced by `number`.
    pub fn about(&self, number: &str) -> Self {
        let Self::Send(bytes) = self else {
            return self.clone();
        };
        let Ok(text) = String::from_utf8(bytes.clone()) else {
            return self.clone();
        };
        match text.split_once("\r\n\r\n") {
            Some((head, body)) if body.contains("NUMBER") => {
                let body = body.replace("NUMBER", number);
                let status = head.lines().next().unwrap_or_default();
                answer(status.trim_start_matches("HTTP/1.1 "), body)
            }
            _ => self.clone(),
        }
    }
}

/// An answer with a record that every kind can read.
pub const RECORD: &str = r#"{"status":"success","data":{"type":"response","data":{"profile":{"first_name":"Ada","company_name":"Obi Foods"}}},"message":null}"#;

/// Returns an envelope whose status is an error, with that message.
pub fn refusal(message: &str) -> String {
    format!(r#"{{"status":"error","data":null,"message":"{message}"}}"#)
}

/// Returns a complete answer. `head` has the status and the headers, one on each line.
pub fn answer(head: &str, body: impl AsRef<[u8]>) -> Act {
    let body = body.as_ref();
    let length = body.len();
    let mut bytes = format!(
        "HTTP/1.1 {}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n",
        lines(head)
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    Act::Send(bytes)
}

/// Returns a complete answer whose body is a refusal.
pub fn refused(head: &str, message: &str) -> Act {
    answer(head, refusal(message))
}

/// Returns an answer without a length: its body ends when the connection closes.
pub fn endless(head: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {}\r\nConnection: close\r\n\r\n", lines(head)).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn lines(head: &str) -> String {
    head.replace('\n', "\r\n")
}

/// The provider. It stops when it is dropped.
pub struct Provider {
    port: u16,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    scripts: Mutex<HashMap<String, Vec<Act>>>,
    calls: Mutex<HashMap<String, u32>>,
    strangers: AtomicU32,
}

impl Provider {
    /// Listens on a free port.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let shared = Arc::new(Shared::default());
        let of_all = Arc::clone(&shared);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&of_all)));
            }
        });
        Self {
            port,
            shared,
            accepting,
        }
    }

    /// Returns its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns its base URL.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Sets the acts for a number: calls get them in turn, and the last one from then on.
    ///
    /// # Panics
    /// Never.
    pub fn script(&self, number: &str, acts: &[Act]) {
        let mut scripts = self
            .shared
            .scripts
            .lock()
            .expect("no thread panics while it holds the lock");
        scripts.insert(number.to_owned(), acts.to_vec());
    }

    /// Returns the number of calls that have arrived for a number.
    ///
    /// # Panics
    /// Never.
    pub fn calls(&self, number: &str) -> u32 {
        let calls = self
            .shared
            .calls
            .lock()
            .expect("no thread panics while it holds the lock");
        calls.get(number).copied().unwrap_or_default()
    }

    /// Returns the number of all calls that have arrived.
    ///
    /// # Panics
    /// Never.
    pub fn all_calls(&self) -> u32 {
        self.shared
            .calls
            .lock()
            .expect("no thread panics while it holds the lock")
            .values()
            .sum()
    }

    /// Returns the number of connections that did not send HTTP.
    pub fn strangers(&self) -> u32 {
        self.shared.strangers.load(Ordering::Relaxed)
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Shared {
    fn act(&self, number: &str) -> Act {
        let mut calls = self
            .calls
            .lock()
            .expect("no thread panics while it holds the lock");
        let calls = calls.entry(number.to_owned()).or_default();
        *calls += 1;
        let scripts = self
            .scripts
            .lock()
            .expect("no thread panics while it holds the lock");
        // A number without a script has a record.
        let Some(acts) = scripts.get(number) else {
            return answer("200 OK", RECORD);
        };
        let last = acts.len() - 1;
        acts[last.min(*calls as usize - 1)].clone()
    }
}

/// Serves one connection, which carries one call or something that is not HTTP.
async fn serve(mut stream: TcpStream, shared: Arc<Shared>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else {
            return Ok(());
        };
        head.push(byte);
        if head[0] != b'G' {
            shared.strangers.fetch_add(1, Ordering::Relaxed);
            let act = answer("400 Bad Request", "This port speaks HTTP.");
            return perform(act, stream).await;
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    let number = path.rsplit('/').next().unwrap_or_default();
    // Health checks name no number.
    let act = if path.starts_with("/identity/") {
        shared.act(number)
    } else {
        answer("404 Not Found", "")
    };
    perform(act, stream).await
}

async fn perform(act: Act, mut stream: TcpStream) -> std::io::Result<()> {
    match act {
        Act::Send(bytes) => {
            // The client may have closed the connection before it read everything.
            stream.write_all(&bytes).await?;
            stream.shutdown().await?;
        }
        Act::Stall(bytes) => stream.write_all(&bytes).await?,
        Act::Reset => return stream.set_zero_linger(),
    }
    // Reading to the end makes the client see a close instead of a reset.
    stream.read_to_end(&mut Vec::new()).await?;
    Ok(())
}
