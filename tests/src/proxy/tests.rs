//! The proxy in front of a real Redis, with a real client.

use std::{net::SocketAddr, time::Duration};

use kyc_sandbox::redis::{Options, PrivateRedis};
use redis::aio::MultiplexedConnection;
use tokio::{task::JoinSet, time::timeout};

use super::Proxy;
use crate::{eventually, redis_program};

async fn before_redis() -> (PrivateRedis, Proxy) {
    let options = Options {
        binary: redis_program(),
        ..Options::default()
    };
    let redis = PrivateRedis::start(options).unwrap();
    let upstream = SocketAddr::from(([127, 0, 0, 1], redis.port()));
    let proxy = Proxy::before(upstream).await.unwrap();
    (redis, proxy)
}

async fn connect(url: String) -> redis::RedisResult<MultiplexedConnection> {
    let config = redis::AsyncConnectionConfig::new()
        .set_connection_timeout(Some(Duration::from_secs(10)))
        .set_response_timeout(None);
    let client = redis::Client::open(url)?;
    client
        .get_multiplexed_async_connection_with_config(&config)
        .await
}

async fn count(redis: &mut MultiplexedConnection) -> redis::RedisResult<u64> {
    redis::cmd("INCR").arg("count").query_async(redis).await
}

#[tokio::test(flavor = "multi_thread")]
async fn many_connections_pass_without_losing_bytes() {
    let (_redis, proxy) = before_redis().await;
    let mut clients = JoinSet::new();
    for client in 0..100_usize {
        let url = proxy.url();
        clients.spawn(async move {
            let mut redis = connect(url).await.unwrap();
            let sent = vec![b'x'; client * 3_000];
            let echo: Vec<u8> = redis::cmd("ECHO")
                .arg(&sent)
                .query_async(&mut redis)
                .await
                .unwrap();
            assert_eq!(echo.len(), sent.len());
            count(&mut redis).await.unwrap();
        });
    }
    while let Some(ended) = clients.join_next().await {
        ended.unwrap();
    }
    let mut redis = connect(proxy.url()).await.unwrap();
    assert_eq!(count(&mut redis).await.unwrap(), 101);
    eventually("the connections end with their clients", async || {
        (proxy.connections() == 1).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_closes_every_connection_and_refuses_new_ones_until_it_is_mended() {
    let (_redis, proxy) = before_redis().await;
    let mut redis = connect(proxy.url()).await.unwrap();
    count(&mut redis).await.unwrap();
    proxy.cut();
    eventually("the connection is closed", async || {
        (proxy.connections() == 0).then_some(())
    })
    .await;
    assert!(count(&mut redis).await.is_err());
    assert!(connect(proxy.url()).await.is_err());
    proxy.mend();
    let mut redis = connect(proxy.url()).await.unwrap();
    assert_eq!(count(&mut redis).await.unwrap(), 2);
    // A cut that is mended at once still closes the open connections.
    proxy.cut();
    proxy.mend();
    eventually("the connection is closed", async || {
        count(&mut redis).await.is_err().then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stall_holds_bytes_back_until_it_is_mended() {
    let (redis, proxy) = before_redis().await;
    let mut behind = connect(proxy.url()).await.unwrap();
    let mut direct = connect(redis.url()).await.unwrap();
    count(&mut behind).await.unwrap();
    proxy.stall();
    let held = tokio::spawn(async move { count(&mut behind).await });
    let other = connect(proxy.url());
    assert!(timeout(Duration::from_millis(300), other).await.is_err());
    assert!(!held.is_finished());
    assert_eq!(
        count(&mut direct).await.unwrap(),
        2,
        "it did not get through"
    );
    proxy.mend();
    assert_eq!(held.await.unwrap().unwrap(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_whose_reply_is_lost_was_executed() {
    let (_redis, proxy) = before_redis().await;
    let mut other = connect(proxy.url()).await.unwrap();
    let mut redis = connect(proxy.url()).await.unwrap();
    let lost = proxy.lose_reply_of("INCR");
    redis::cmd("PING")
        .exec_async(&mut redis)
        .await
        .expect("another command passes");
    assert!(count(&mut redis).await.is_err(), "no reply");
    assert_eq!(lost.lost().await, b":1\r\n");
    // The reply is lost once, and other connections are not affected.
    assert_eq!(count(&mut other).await.unwrap(), 2);
}
