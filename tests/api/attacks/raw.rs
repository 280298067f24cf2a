//! Bytes on a socket.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout},
};

use crate::support::Api;

/// Opens a connection to the server.
pub(crate) async fn connect(api: &Api) -> TcpStream {
    let (_, address) = api.address.split_once("://").unwrap();
    TcpStream::connect(address).await.unwrap()
}

/// Reads until the server closes the connection, or for at most so long. `None` if it stays open.
pub(crate) async fn read_to_end(stream: &mut TcpStream, longest: Duration) -> Option<String> {
    let mut read = Vec::new();
    let closed = read_on(stream, longest, &mut read).await;
    closed.then(|| String::from_utf8_lossy(&read).into_owned())
}

/// Reads for at most so long. Returns whether the server closed the connection. A reset is an end, too.
async fn read_on(stream: &mut TcpStream, longest: Duration, read: &mut Vec<u8>) -> bool {
    let reading = async {
        let mut buffer = [0; 8 << 10];
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            read.extend_from_slice(&buffer[..count]);
        }
    };
    timeout(longest, reading).await.is_ok()
}

/// Sends bytes, and returns all that comes until the server closes the connection.
pub(super) async fn exchange(api: &Api, bytes: &[u8]) -> String {
    let mut stream = connect(api).await;
    // The server may close it before it has read everything.
    let _ = stream.write_all(bytes).await;
    let answer = read_to_end(&mut stream, Duration::from_secs(30)).await;
    answer.expect("the server closes the connection")
}

/// Sends a byte each second until the server closes the connection. Returns after how many seconds, and what came.
pub(super) async fn trickle(stream: &mut TcpStream, bytes: &[u8]) -> (u64, String) {
    let begun = Instant::now();
    let mut read = Vec::new();
    for byte in bytes.iter().cycle().take(90) {
        let _ = stream.write_all(&[*byte]).await;
        if read_on(stream, Duration::from_secs(1), &mut read).await {
            let answer = String::from_utf8_lossy(&read).into_owned();
            return (begun.elapsed().as_secs(), answer);
        }
    }
    panic!("the connection is still open after 90 s");
}

/// Returns the status of an answer.
pub(super) fn status(answer: &str) -> u16 {
    let status = answer.split(' ').nth(1).and_then(|text| text.parse().ok());
    status.unwrap_or_else(|| panic!("no answer: {answer:?}"))
}
