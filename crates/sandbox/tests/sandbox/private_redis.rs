//! Tests of a private Redis over its own protocol.

use std::{
    io::{self, Read as _, Write as _},
    net::TcpStream,
    path::PathBuf,
    time::Duration,
};

use kyc_sandbox::redis::{Options, PrivateRedis};

fn ask(redis: &PrivateRedis, command: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", redis.port()))?;
    stream.set_read_timeout(Some(Duration::from_millis(500)))?;
    stream.write_all(format!("{command}\r\n").as_bytes())?;
    let mut reply = [0; 512];
    let length = stream.read(&mut reply)?;
    Ok(String::from_utf8_lossy(&reply[..length]).into_owned())
}

#[test]
fn a_server_starts_and_goes_with_its_folder() {
    let redis = PrivateRedis::start(Options::default()).unwrap();
    assert_eq!(redis.url(), format!("redis://127.0.0.1:{}", redis.port()));
    assert_eq!(ask(&redis, "PING").unwrap(), "+PONG\r\n");
    for (name, value) in [
        ("maxmemory-policy", "noeviction"),
        ("save", ""),
        ("appendonly", "no"),
    ] {
        let reply = ask(&redis, &format!("CONFIG GET {name}")).unwrap();
        assert_eq!(reply.lines().last(), Some(value), "{name}");
    }
    let (port, dir) = (redis.port(), redis.dir().to_owned());
    assert!(dir.join("redis.log").exists());
    drop(redis);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    assert!(!dir.exists());
}

#[test]
fn a_restart_finds_what_was_appended() {
    let mut redis = PrivateRedis::start(Options {
        append_only: true,
        ..Options::default()
    })
    .unwrap();
    let (port, pid) = (redis.port(), redis.pid());
    assert_eq!(ask(&redis, "SET key value").unwrap(), "+OK\r\n");
    redis.kill().unwrap();
    assert!(ask(&redis, "PING").is_err());
    redis.kill().unwrap();
    redis.restart().unwrap();
    assert_eq!(redis.port(), port);
    assert_ne!(redis.pid(), pid);
    assert_eq!(ask(&redis, "GET key").unwrap(), "$5\r\nvalue\r\n");
}

#[test]
fn a_file_is_synced_every_second_or_before_every_answer() {
    for (sync_always, value) in [(false, "everysec"), (true, "always")] {
        let options = Options {
            append_only: true,
            sync_always,
            ..Options::default()
        };
        let mut redis = PrivateRedis::start(options).unwrap();
        redis.restart().unwrap();
        let reply = ask(&redis, "CONFIG GET appendfsync").unwrap();
        assert_eq!(reply.lines().last(), Some(value));
    }
}

#[test]
fn a_restart_without_a_file_forgets() {
    let mut redis = PrivateRedis::start(Options::default()).unwrap();
    ask(&redis, "SET key value").unwrap();
    redis.restart().unwrap();
    assert_eq!(ask(&redis, "GET key").unwrap(), "$-1\r\n");
}

#[test]
fn a_given_folder_stays() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("made/if/need/be");
    let options = Options {
        dir: Some(dir),
        append_only: true,
        own_process_group: true,
        ..Options::default()
    };
    let redis = PrivateRedis::start(options.clone()).unwrap();
    ask(&redis, "SET key value").unwrap();
    drop(redis);
    let redis = PrivateRedis::start(options).unwrap();
    assert_eq!(ask(&redis, "GET key").unwrap(), "$5\r\nvalue\r\n");
}

#[test]
fn a_paused_server_answers_when_resumed() {
    let redis = PrivateRedis::start(Options::default()).unwrap();
    redis.pause().unwrap();
    let error = ask(&redis, "PING").unwrap_err();
    assert!(
        matches!(
            error.kind(),
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
        ),
        "{error}"
    );
    redis.resume().unwrap();
    assert_eq!(ask(&redis, "PING").unwrap(), "+PONG\r\n");
}

#[test]
fn a_missing_binary_is_said_to_be_missing() {
    let options = Options {
        binary: Some(PathBuf::from("no-such-redis-server")),
        ..Options::default()
    };
    let error = PrivateRedis::start(options).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    assert!(error.to_string().contains("install the package"), "{error}");
}

#[tokio::test]
async fn a_server_starts_in_an_async_test() {
    let redis = PrivateRedis::start(Options::default()).unwrap();
    assert_eq!(ask(&redis, "PING").unwrap(), "+PONG\r\n");
}
