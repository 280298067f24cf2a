//! A store that speaks the part of S3 that blob stores use: `PutObject`, `GetObject`, `DeleteObjects` and `ListObjectsV2`. It
//! can ask to slow down, or hang.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// The most keys in one answer, as in S3.
const PAGE: usize = 1_000;

/// What the store does with requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// It answers.
    #[default]
    Well,
    /// It answers the next requests with `503 SlowDown`.
    Slow(u32),
    /// It reads requests and does not answer.
    Hanging,
}

/// The counts of answered requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// Objects that were created, or were there already.
    pub puts: u64,
    /// Pages that were listed.
    pub lists: u64,
    /// Deletions, each of one or more objects.
    pub deletes: u64,
    /// Requests to slow down.
    pub slowed: u64,
    /// Requests without a signature, which are refused.
    pub unsigned: u64,
}

#[derive(Default)]
struct State {
    objects: BTreeMap<String, Vec<u8>>,
    mood: Mood,
    requests: Requests,
}

/// A store with one bucket, `s3://images`. It ends when it is dropped.
pub struct S3 {
    state: Arc<Mutex<State>>,
    port: u16,
    serving: JoinHandle<()>,
}

impl S3 {
    /// Starts an empty store.
    ///
    /// # Panics
    /// When no port is free.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self {
            state,
            port,
            serving,
        }
    }

    /// Returns the variables by which a process finds the store.
    pub fn variables(&self) -> [(&'static str, String); 4] {
        [
            (
                "AWS_ENDPOINT_URL",
                format!("http://127.0.0.1:{}", self.port),
            ),
            ("AWS_REGION", "af-south-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "tests".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "secret-of-the-tests".to_owned()),
        ]
    }

    /// Sets what the store does with requests from now on.
    pub fn set(&self, mood: Mood) {
        self.lock().mood = mood;
    }

    /// Returns the keys of all objects.
    pub fn keys(&self) -> Vec<String> {
        self.lock().objects.keys().cloned().collect()
    }

    /// Stores an object.
    pub fn put(&self, key: &str, content: &[u8]) {
        self.lock().objects.insert(key.to_owned(), content.to_vec());
    }

    /// Returns the counts of requests.
    pub fn requests(&self) -> Requests {
        self.lock().requests
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers the requests of one connection until it is closed.
async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>) -> Option<()> {
    let (reading, mut writing) = stream.split();
    let mut reading = BufReader::new(reading);
    loop {
        let request = Request::read(&mut reading).await?;
        if lock(&state).mood == Mood::Hanging {
            std::future::pending::<()>().await;
        }
        let answer = lock(&state).answer(&request);
        writing.write_all(&answer).await.ok()?;
    }
}

struct Request {
    method: String,
    /// Without the bucket.
    key: String,
    query: BTreeMap<String, String>,
    is_signed: bool,
    only_new: bool,
    body: Vec<u8>,
}

impl Request {
    async fn read(reading: &mut (impl AsyncBufReadExt + Unpin)) -> Option<Self> {
        let first = line(reading).await?;
        let mut words = first.split(' ');
        let method = words.next()?.to_owned();
        let (path, query) = words.next()?.split_once('?').unwrap_or_else(|| {
            let path = first.split(' ').nth(1).unwrap_or_default();
            (path, "")
        });
        let mut request = Self {
            method,
            key: decoded(path.trim_start_matches("/images").trim_start_matches('/')),
            query: pairs(query),
            is_signed: false,
            only_new: false,
            body: Vec::new(),
        };
        let mut length = 0;
        loop {
            let header = line(reading).await?;
            if header.is_empty() {
                break;
            }
            let (name, value) = header.split_once(':')?;
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().ok()?,
                "authorization" => {
                    request.is_signed = value
                        .trim()
                        .starts_with("AWS4-HMAC-SHA256 Credential=tests/");
                }
                "if-none-match" => request.only_new = value.trim() == "*",
                _ => {}
            }
        }
        request.body = vec![0; length];
        reading.read_exact(&mut request.body).await.ok()?;
        Some(request)
    }
}

async fn line(reading: &mut (impl AsyncBufReadExt + Unpin)) -> Option<String> {
    let mut line = String::new();
    let count = reading.read_line(&mut line).await.ok()?;
    (count > 0).then(|| line.trim_end().to_owned())
}

fn pairs(query: &str) -> BTreeMap<String, String> {
    let pairs = query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs
        .map(|(name, value)| (name.to_owned(), decoded(value)))
        .collect()
}

fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_at_checked(2).unwrap_or(("", part));
        plain.push(u8::from_str_radix(code, 16).map_or('%', char::from));
        plain.push_str(rest);
    }
    plain
}

impl State {
    fn answer(&mut self, request: &Request) -> Vec<u8> {
        if !request.is_signed {
            self.requests.unsigned += 1;
            return answer("403 Forbidden", b"<Error><Code>AccessDenied</Code></Error>");
        }
        if let Mood::Slow(left @ 1..) = self.mood {
            self.mood = if left == 1 {
                Mood::Well
            } else {
                Mood::Slow(left - 1)
            };
            self.requests.slowed += 1;
            return answer(
                "503 Slow Down",
                b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>",
            );
        }
        match request.method.as_str() {
            "PUT" => self.create(request),
            "GET" if request.key.is_empty() => self.list(&request.query),
            "GET" => match self.objects.get(&request.key) {
                Some(content) => answer("200 OK", content),
                None => answer("404 Not Found", b"<Error><Code>NoSuchKey</Code></Error>"),
            },
            "POST" if request.query.contains_key("delete") => self.delete(&request.body),
            _ => answer("405 Method Not Allowed", b""),
        }
    }

    fn create(&mut self, request: &Request) -> Vec<u8> {
        self.requests.puts += 1;
        if request.only_new && self.objects.contains_key(&request.key) {
            return answer(
                "412 Precondition Failed",
                b"<Error><Code>PreconditionFailed</Code></Error>",
            );
        }
        self.objects
            .insert(request.key.clone(), request.body.clone());
        answer("200 OK", b"")
    }

    fn list(&mut self, query: &BTreeMap<String, String>) -> Vec<u8> {
        self.requests.lists += 1;
        let text = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
        let after = text("continuation-token").max(text("start-after"));
        let found = self.objects.iter().filter(|(key, _)| {
            key.starts_with(text("prefix")) && (after.is_empty() || key.as_str() > after)
        });
        let found: Vec<_> = found.take(PAGE + 1).collect();
        let mut body = "<ListBucketResult>".to_owned();
        for (key, content) in found.iter().take(PAGE) {
            let size = content.len();
            body += &format!(
                "<Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>\"1\"</ETag><Size>{size}</Size></Contents>"
            );
        }
        if found.len() > PAGE {
            let last = found[PAGE - 1].0;
            body += &format!(
                "<IsTruncated>true</IsTruncated><NextContinuationToken>{last}</NextContinuationToken>"
            );
        }
        body += "</ListBucketResult>";
        answer("200 OK", body.as_bytes())
    }

    fn delete(&mut self, body: &[u8]) -> Vec<u8> {
        self.requests.deletes += 1;
        let body = String::from_utf8_lossy(body);
        let mut told = "<DeleteResult>".to_owned();
        for part in body.split("<Key>").skip(1) {
            let key = part.split("</Key>").next().unwrap_or_default();
            self.objects.remove(key);
            told += &format!("<Deleted><Key>{key}</Key></Deleted>");
        }
        told += "</DeleteResult>";
        answer("200 OK", told.as_bytes())
    }
}

fn answer(status: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\nETag: \"1\"\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}
