//! The server to compare with: a handler that adds its body to a stream, and does nothing else.

use std::io::Read as _;

use axum::{Router, body::Bytes, extract::State, http::StatusCode, routing::post};
use redis::aio::MultiplexedConnection;
use tokio::net::TcpListener;

/// The first argument of the server.
pub(crate) const ROLE: &str = "bare-server";

#[derive(Clone)]
struct Bare {
    redis: MultiplexedConnection,
    /// As much as the API adds for a job.
    entry: Bytes,
}

/// Serves until its input ends. `size` is how many bytes it adds for a request.
pub(crate) async fn serve(redis: &str, size: &str) {
    let client = redis::Client::open(redis).expect("an address");
    let redis = client.get_multiplexed_async_connection().await;
    let bare = Bare {
        redis: redis.expect("Redis answers"),
        entry: vec![7; size.parse().expect("a number")].into(),
    };
    let routes = Router::new()
        .route("/v1/verifications", post(add))
        .with_state(bare);
    let listener = TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a free port");
    println!("http://{}", listener.local_addr().expect("it listens"));
    let ended = tokio::task::spawn_blocking(|| std::io::stdin().read(&mut [0]));
    tokio::select! {
        served = axum::serve(listener, routes) => served.expect("it serves"),
        _ = ended => {}
    }
}

async fn add(State(bare): State<Bare>, _: Bytes) -> (StatusCode, String) {
    let mut add = redis::cmd("XADD");
    add.arg("{kyc}:bare")
        .arg("*")
        .arg("job")
        .arg(&bare.entry[..]);
    let id: Result<String, _> = add.query_async(&mut bare.redis.clone()).await;
    match id {
        Ok(id) => (StatusCode::ACCEPTED, format!("{{\"id\":\"{id}\"}}")),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, String::new()),
    }
}
