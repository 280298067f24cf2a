//! Requests that an HTTP/2 server reports as not processed, and requests for which it gives no such report. The server writes
//! its own frames, since a library decides itself what it sends when it goes away.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use radius_api::{Client, Error, Request, Sent};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use crate::{server::config, tls::identity};

const BODY: &[u8] =
    br#"{"status":"success","data":{"type":"response","data":{"identity":{"bvn":"1"}}}}"#;

// Types, flags and errors of RFC 9113.
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const NO_ERROR: u32 = 0;
const INTERNAL_ERROR: u32 = 2;
const REFUSED_STREAM: u32 = 7;
const CANCEL: u32 = 8;
const ENHANCE_YOUR_CALM: u32 = 11;

/// The behaviour of a server.
#[derive(Clone, Copy)]
enum Does {
    /// Refuses this number of streams, and answers later ones.
    Refuse(usize),
    /// Answers this number of requests on a connection, and then goes away: later streams are not processed.
    GoAwayAfter(u32),
    /// Accepts a request, reports that it goes away after it, and closes without an answer.
    LeaveUnanswered,
    /// Accepts a request, and resets its stream for this reason.
    Reset(u32),
}

#[derive(Default)]
struct Counts {
    /// The number of requests that were processed and may be billed.
    processed: AtomicUsize,
    /// The number of requests that the server reported as not processed.
    refused: AtomicUsize,
}

struct Server {
    client: Client,
    counts: Arc<Counts>,
}

impl Server {
    async fn start(does: Does) -> Self {
        let (authority, tls) = identity(&["h2"]);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut config = config(&format!("https://localhost:{port}"));
        config.extra_roots = vec![authority.into_bytes()];
        let counts = Arc::<Counts>::default();
        tokio::spawn(accept(listener, tls, does, Arc::clone(&counts)));
        Self {
            client: Client::new(config).unwrap(),
            counts,
        }
    }

    async fn call(&self) -> Result<(), Error> {
        let reply = self.client.send(&Request::bvn("1").unwrap()).await?;
        assert_eq!(reply.body, BODY);
        Ok(())
    }

    fn processed(&self) -> usize {
        self.counts.processed.load(SeqCst)
    }

    fn refused(&self) -> usize {
        self.counts.refused.load(SeqCst)
    }
}

async fn accept(listener: TcpListener, tls: TlsAcceptor, does: Does, counts: Arc<Counts>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (tls, counts) = (tls.clone(), Arc::clone(&counts));
        tokio::spawn(async move {
            let mut stream = tls.accept(stream).await?;
            serve(&mut stream, does, &counts).await
        });
    }
}

async fn serve(stream: &mut TlsStream<TcpStream>, does: Does, counts: &Counts) -> io::Result<()> {
    stream.read_exact(&mut [0; 24]).await?;
    send(stream, SETTINGS, 0, 0, &[]).await?;
    let (served, last) = (AtomicU32::new(0), AtomicU32::new(u32::MAX));
    loop {
        let (kind, flags, id, payload) = read(stream).await?;
        match kind {
            SETTINGS if flags & ACK == 0 => send(stream, SETTINGS, ACK, 0, &[]).await?,
            PING if flags & ACK == 0 => send(stream, PING, ACK, 0, &payload).await?,
            HEADERS if id > last.load(SeqCst) => {
                counts.refused.fetch_add(1, SeqCst);
            }
            HEADERS => match does {
                Does::Refuse(most) if counts.refused.load(SeqCst) < most => {
                    counts.refused.fetch_add(1, SeqCst);
                    reset(stream, id, REFUSED_STREAM).await?;
                }
                Does::Refuse(_) => respond(stream, id, counts).await?,
                Does::GoAwayAfter(most) => {
                    respond(stream, id, counts).await?;
                    if served.fetch_add(1, SeqCst) + 1 == most {
                        last.store(id, SeqCst);
                        go_away(stream, id).await?;
                    }
                }
                Does::LeaveUnanswered => {
                    counts.processed.fetch_add(1, SeqCst);
                    go_away(stream, id).await?;
                    // Long enough for the frames to arrive.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    return Ok(());
                }
                Does::Reset(reason) => {
                    counts.processed.fetch_add(1, SeqCst);
                    reset(stream, id, reason).await?;
                }
            },
            _ => {}
        }
    }
}

async fn respond(stream: &mut TlsStream<TcpStream>, id: u32, counts: &Counts) -> io::Result<()> {
    counts.processed.fetch_add(1, SeqCst);
    // The single header `:status: 200`, from the static table of HPACK.
    send(stream, HEADERS, END_HEADERS, id, &[0x88]).await?;
    send(stream, DATA, END_STREAM, id, BODY).await
}

async fn reset(stream: &mut TlsStream<TcpStream>, id: u32, reason: u32) -> io::Result<()> {
    send(stream, RST_STREAM, 0, id, &reason.to_be_bytes()).await
}

async fn go_away(stream: &mut TlsStream<TcpStream>, last: u32) -> io::Result<()> {
    let payload = [last.to_be_bytes(), NO_ERROR.to_be_bytes()].concat();
    send(stream, GOAWAY, 0, 0, &payload).await
}

async fn send(
    stream: &mut TlsStream<TcpStream>,
    kind: u8,
    flags: u8,
    id: u32,
    payload: &[u8],
) -> io::Result<()> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind, flags];
    frame.extend_from_slice(&id.to_be_bytes());
    frame.extend_from_slice(payload);
    stream.write_all(&frame).await?;
    stream.flush().await
}

/// Reads the next frame: its type, flags, stream and payload.
async fn read(stream: &mut TlsStream<TcpStream>) -> io::Result<(u8, u8, u32, Vec<u8>)> {
    let mut head = [0; 9];
    stream.read_exact(&mut head).await?;
    let [a, b, c, kind, flags, id @ ..] = head;
    let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
    stream.read_exact(&mut payload).await?;
    Ok((kind, flags, u32::from_be_bytes(id), payload))
}

#[tokio::test]
async fn a_stream_that_was_refused_is_sent_again_and_is_no_call() {
    let server = Server::start(Does::Refuse(2)).await;
    server.call().await.unwrap();
    assert_eq!((server.processed(), server.refused()), (1, 2));

    let server = Server::start(Does::Refuse(usize::MAX)).await;
    let error = server.call().await.unwrap_err();
    assert_eq!(error.sent(), Sent::NotSent, "{error:?}");
    assert!(!error.may_be_billed());
    assert!(server.refused() > 0);
}

#[tokio::test]
async fn what_came_after_a_server_went_away_is_sent_again() {
    let server = Arc::new(Server::start(Does::GoAwayAfter(5)).await);
    let calls = (0..40).map(|_| {
        let server = Arc::clone(&server);
        tokio::spawn(async move { server.call().await })
    });
    let mut unsent = 0;
    for call in calls.collect::<Vec<_>>() {
        match call.await.unwrap() {
            Ok(()) => {}
            Err(error) => {
                assert_eq!(error.sent(), Sent::NotSent, "{error:?}");
                unsent += 1;
            }
        }
    }
    assert!(server.refused() > 0);
    // Each request was processed once, or is known not to have been processed.
    assert_eq!(server.processed() + unsent, 40);
}

#[tokio::test]
async fn what_was_processed_is_not_sent_again() {
    for does in [
        Does::LeaveUnanswered,
        Does::Reset(NO_ERROR),
        Does::Reset(CANCEL),
        Does::Reset(INTERNAL_ERROR),
        Does::Reset(ENHANCE_YOUR_CALM),
    ] {
        let server = Server::start(does).await;
        let error = server.call().await.unwrap_err();
        assert_eq!(server.processed(), 1);
        assert_eq!(error.sent(), Sent::Unknown, "{error:?}");
        assert!(error.may_be_billed());
    }
}
