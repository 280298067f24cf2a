//! Another sandbox on the port of a dropped one.

use std::{io, net::SocketAddr, time::Duration};

use kyc_sandbox::{Config, Sandbox};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::support::small;

const HEALTH: &[u8] = b"GET /__sandbox/health HTTP/1.1\r\nHost: sandbox\r\n\r\n";
const HANGS: &[u8] =
    b"GET /identity/bvn/advanced/22200000030 HTTP/1.1\r\nHost: sandbox\r\nApi-Token: any\r\n\r\n";
const PATIENCE: Duration = Duration::from_secs(10);

async fn send(address: SocketAddr, request: &[u8]) -> TcpStream {
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(request).await.unwrap();
    connection
}

/// Returns an open connection over which an answer was received.
async fn answered(address: SocketAddr) -> TcpStream {
    let mut connection = send(address, HEALTH).await;
    let mut start = [0; 12];
    let read = connection.read_exact(&mut start);
    timeout(PATIENCE, read).await.unwrap().unwrap();
    assert_eq!(&start, b"HTTP/1.1 200");
    connection
}

/// Waits until the other side has closed the connection.
async fn closed(mut connection: TcpStream) {
    let mut rest = Vec::new();
    let read = connection.read_to_end(&mut rest);
    // The operating system reports either the end of the stream or a reset.
    drop(
        timeout(PATIENCE, read)
            .await
            .expect("the connection is closed in time"),
    );
}

async fn start(address: SocketAddr) -> Sandbox {
    let config = Config {
        never: Duration::from_hours(1),
        ..small()
    };
    Sandbox::start(address, config).await.unwrap()
}

async fn goes_and_comes_back(times: usize) {
    let mut sandbox = start(([127, 0, 0, 1], 0).into()).await;
    let address = sandbox.address();
    for _ in 0..times {
        let idle = answered(address).await;
        let hanging = send(address, HANGS).await;
        timeout(PATIENCE, async {
            while sandbox.stats().arrivals["bvn"] == 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
        .await
        .unwrap();
        drop(sandbox);
        let refused = TcpStream::connect(address).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
        // The sandbox closes first, so that connections on its port are left in TIME_WAIT.
        closed(idle).await;
        closed(hanging).await;
        sandbox = start(address).await;
        assert_eq!(sandbox.stats().arrivals["bvn"], 0);
    }
    drop(answered(address).await);
}

#[tokio::test]
async fn one_that_is_gone_refuses_connections_and_comes_back_on_its_port() {
    goes_and_comes_back(20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_does_so_on_many_threads() {
    goes_and_comes_back(20).await;
}

#[tokio::test]
async fn its_port_can_be_had_again_at_once() {
    let mut sandbox = start(([127, 0, 0, 1], 0).into()).await;
    let address = sandbox.address();
    for _ in 0..20 {
        let idle = answered(address).await;
        drop(sandbox);
        sandbox = start(address).await;
        drop(answered(address).await);
        closed(idle).await;
    }
}
