//! A server that names another machine is not followed there.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

use crate::{
    Error,
    connection::{Address, Connection},
};

/// Leads to this machine, but is none of the loopback addresses.
const ELSEWHERE: &str = "::ffff:127.0.0.1";

/// How a server names the other one.
#[derive(Clone, Copy, Debug, PartialEq)]
enum By {
    ClusterSlots,
    Moved,
    Replica,
    Sentinel,
}

/// A server that only names another one.
struct Server {
    by: By,
    /// The port of the other one.
    other: u16,
    /// Whether it has sent `MOVED`.
    has_moved: AtomicBool,
}

impl Server {
    fn answer(&self, words: &[String]) -> String {
        let bulk = |text: &str| format!("${}\r\n{text}\r\n", text.len());
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let is_cluster = matches!(self.by, By::ClusterSlots | By::Moved);
        let has_left = self.by == By::ClusterSlots || self.has_moved.load(SeqCst);
        match &words[..] {
            ["PING"] => "+PONG\r\n".to_owned(),
            ["INFO", "cluster"] => bulk(&format!("cluster_enabled:{}\r\n", u8::from(is_cluster))),
            ["INFO", "replication"] if self.by == By::Replica => bulk(&format!(
                "role:slave\r\nmaster_host:{ELSEWHERE}\r\nmaster_port:{}\r\n",
                self.other
            )),
            ["CLUSTER", "INFO"] => bulk("cluster_state:ok\r\n"),
            ["CLUSTER", "KEYSLOT", _] => ":7\r\n".to_owned(),
            ["CLUSTER", "MYID"] => bulk("one"),
            ["CLUSTER", "SLOTS"] => {
                let id = if has_left { "two" } else { "one" };
                let host = bulk(ELSEWHERE);
                let port = self.other;
                format!(
                    "*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n{host}:{port}\r\n{}",
                    bulk(id)
                )
            }
            ["SENTINEL", ..] => {
                format!("*2\r\n{}{}", bulk(ELSEWHERE), bulk(&self.other.to_string()))
            }
            ["GET", _] => {
                self.has_moved.store(true, SeqCst);
                format!("-MOVED 7 {ELSEWHERE}:{}\r\n", self.other)
            }
            _ => "+OK\r\n".to_owned(),
        }
    }

    async fn serve(self: Arc<Self>, mut stream: TcpStream) -> Option<()> {
        let (reading, mut writing) = stream.split();
        let mut reading = BufReader::new(reading);
        loop {
            let count = number(&mut reading).await?;
            let mut words = Vec::new();
            for _ in 0..count {
                let mut word = vec![0; number(&mut reading).await? + 2];
                reading.read_exact(&mut word).await.ok()?;
                words.push(String::from_utf8_lossy(&word).trim_end().to_owned());
            }
            let answer = self.answer(&words);
            writing.write_all(answer.as_bytes()).await.ok()?;
        }
    }
}

/// Reads a line such as `*3` or `$5`.
async fn number(reading: &mut (impl AsyncBufReadExt + Unpin)) -> Option<usize> {
    let mut line = String::new();
    reading.read_line(&mut line).await.ok()?;
    line.trim_end().get(1..)?.parse().ok()
}

async fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// Counts the connections to a server.
async fn trap() -> (Arc<AtomicUsize>, u16) {
    let (listener, port) = listener().await;
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, SeqCst);
            drop(stream);
        }
    });
    (count, port)
}

/// Connects, and sends a command twice. Returns the last error, and the connections to the other machine.
async fn tried(by: By, allow_plaintext: bool) -> (Option<Error>, usize) {
    let (count, other) = trap().await;
    let (listener, port) = listener().await;
    let server = Arc::new(Server {
        by,
        other,
        has_moved: AtomicBool::new(false),
    });
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(Arc::clone(&server).serve(stream));
        }
    });
    let url = match by {
        By::Sentinel => format!("redis+sentinel://127.0.0.1:{port}/mine"),
        _ => format!("redis://127.0.0.1:{port}"),
    };
    let address = Address::parse(&url).unwrap();
    let error = match Connection::open(address, "{kyc}", allow_plaintext).await {
        Err(error) => Some(error),
        Ok(mut connection) => {
            let mut last = None;
            for _ in 0..2 {
                let get = redis::cmd("GET")
                    .arg("{kyc}:x")
                    .exec_async(&mut connection)
                    .await;
                last = get.err().map(Error::from);
            }
            last
        }
    };
    (error, count.load(SeqCst))
}

#[tokio::test]
async fn a_server_elsewhere_that_is_named_later_is_refused_and_nothing_is_sent_to_it() {
    for by in [By::ClusterSlots, By::Moved, By::Replica, By::Sentinel] {
        let (error, sent) = tried(by, false).await;
        let error = error.unwrap();
        assert!(matches!(error, Error::Exposed), "{by:?}: {error:?}");
        assert!(error.to_string().contains("use rediss://"), "{error}");
        assert_eq!(sent, 0, "{by:?}");
    }
}

#[tokio::test]
async fn it_is_followed_if_plain_text_is_allowed() {
    for by in [By::ClusterSlots, By::Moved, By::Replica, By::Sentinel] {
        let (error, sent) = tried(by, true).await;
        assert!(!matches!(error, Some(Error::Exposed)), "{by:?}: {error:?}");
        assert!(sent > 0, "{by:?}");
    }
}

#[tokio::test]
async fn a_server_of_the_address_is_checked_alike() {
    let (count, port) = trap().await;
    for (url, exposed) in [
        (format!("redis://[{ELSEWHERE}]:{port}"), true),
        (format!("redis+sentinel://[{ELSEWHERE}]:{port}/mine"), true),
        (format!("redis://127.0.0.1:1,[{ELSEWHERE}]:{port}"), true),
        (format!("rediss://[{ELSEWHERE}]:{port}"), false),
        ("redis://127.0.0.1:1".to_owned(), false),
        ("redis://localhost:1".to_owned(), false),
    ] {
        let before = count.load(SeqCst);
        let opened = Connection::open(Address::parse(&url).unwrap(), "{kyc}", false).await;
        let error = opened.err().unwrap();
        assert_eq!(matches!(error, Error::Exposed), exposed, "{url}: {error:?}");
        if exposed {
            assert_eq!(count.load(SeqCst), before, "{url}");
        }
    }
}
