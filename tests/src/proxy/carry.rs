//! One connection: copies bytes in both directions until the client, the server or a cut ends it.

use std::{
    io,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    time::timeout,
};

use super::{
    command,
    line::{Line, Loss, Shared},
};

/// The most bytes of one read.
const CHUNK: usize = 64 * 1024;

/// The longest time that the server may take to execute the command whose reply is lost.
const PATIENCE: Duration = Duration::from_secs(30);

/// Carries one connection to its end.
pub(super) async fn connection(client: TcpStream, shared: Arc<Shared>) {
    let _counted = Counted::one(&shared);
    let mut line = shared.line.subscribe();
    let born = line.borrow_and_update().cuts;
    tokio::select! {
        // An error means that the proxy was dropped.
        _ = line.wait_for(|line| line.cuts != born) => {}
        // An error means that one side has ended. The other side is closed too.
        _ = carry(client, &shared) => {}
    }
}

/// Counts as an open connection until it is dropped.
struct Counted<'a>(&'a Shared);

impl<'a> Counted<'a> {
    fn one(shared: &'a Shared) -> Self {
        shared.open.fetch_add(1, Ordering::Relaxed);
        Self(shared)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn carry(client: TcpStream, shared: &Shared) -> io::Result<()> {
    let server = TcpStream::connect(shared.upstream).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let loss = tokio::select! {
        // Requests come first: once the command was sent, no reply may pass.
        biased;
        loss = requests(from_client, &mut to_server, shared) => loss?,
        ended = replies(&mut from_server, &mut to_client, shared.line.subscribe()) => return ended,
    };
    let Some(loss) = loss else { return Ok(()) };
    // The server executes everything that it has read before it sees the end of the stream. Then it closes.
    to_server.shutdown().await?;
    let mut reply = Vec::new();
    let _ = timeout(PATIENCE, from_server.read_to_end(&mut reply)).await;
    drop(to_client);
    // The caller may have dropped the receiver.
    let _ = loss.lost.send(reply);
    Ok(())
}

/// Forwards requests until the client closes, or until the command whose reply is to be lost was sent.
async fn requests(
    mut from: OwnedReadHalf,
    to: &mut OwnedWriteHalf,
    shared: &Shared,
) -> io::Result<Option<Loss>> {
    let mut line = shared.line.subscribe();
    let mut held = Vec::new();
    loop {
        held.reserve(CHUNK);
        if from.read_buf(&mut held).await? == 0 {
            return Ok(None);
        }
        passable(&mut line).await;
        let (mut whole, mut loss) = (0, None);
        while let Some(length) = command::length(&held[whole..])
            && loss.is_none()
        {
            loss = shared.loss_of(&held[whole..whole + length]);
            whole += length;
        }
        to.write_all(&held[..whole]).await?;
        if loss.is_some() {
            return Ok(loss);
        }
        held.drain(..whole);
    }
}

/// Forwards replies until the server closes.
async fn replies(
    from: &mut OwnedReadHalf,
    to: &mut OwnedWriteHalf,
    mut line: watch::Receiver<Line>,
) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = from.read(&mut chunk).await?;
        if read == 0 {
            return Ok(());
        }
        passable(&mut line).await;
        to.write_all(&chunk[..read]).await?;
    }
}

/// Waits out a stall.
async fn passable(line: &mut watch::Receiver<Line>) {
    // An error means that the proxy was dropped, which also ends this connection.
    let _ = line.wait_for(|line| !line.stalled).await;
}
