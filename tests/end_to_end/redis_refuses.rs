//! A Redis that refuses commands, in every way: each is one sentence, and no job was accepted.

use kyc_tests::World;
use redis::aio::MultiplexedConnection;

async fn ask(redis: &mut MultiplexedConnection, words: &[&str]) {
    let mut command = redis::cmd(words[0]);
    command.arg(&words[1..]);
    command.exec_async(redis).await.unwrap();
}

/// Asserts that `kyc enqueue` fails with one sentence that contains all of `says`.
async fn refused(world: &World, says: &[&str]) {
    let ran = world.run(["enqueue", "bvn", "22212345000"]).await;
    assert_ne!(ran.code, 0);
    for part in says {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
    for never in ["script:", "user_script", "ERR", "22212345000", "@user"] {
        assert!(!ran.err.contains(never), "{never}: {}", ran.err);
    }
    assert_eq!(ran.err.trim().lines().count(), 1, "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_of_redis_is_a_sentence_with_a_remedy() {
    let mut world = World::new().await;
    let queue = world.queue().await;
    let mut redis = world.redis().await;

    ask(&mut redis, &["CONFIG", "SET", "maxmemory", "1"]).await;
    refused(&world, &["memory is full", "othing was accepted"]).await;
    ask(&mut redis, &["CONFIG", "SET", "maxmemory", "0"]).await;

    ask(&mut redis, &["CONFIG", "SET", "min-replicas-to-write", "1"]).await;
    refused(&world, &["min-replicas-to-write"]).await;
    ask(&mut redis, &["CONFIG", "SET", "min-replicas-to-write", "0"]).await;

    ask(
        &mut redis,
        &[
            "ACL",
            "SETUSER",
            "reader",
            "on",
            ">secret",
            "~*",
            "&*",
            "-@all",
            "+@read",
            "+@connection",
            "+time",
            "+info",
            "+script|load",
        ],
    )
    .await;
    let whole = world.setting("redis_url").to_owned();
    let address = whole
        .rsplit(['/', '@'])
        .find(|part| part.contains(':'))
        .unwrap()
        .to_owned();
    world.set("redis_url", &format!("redis://reader:secret@{address}"));
    refused(&world, &["lacks a permission"]).await;
    world.set("redis_url", &format!("redis://reader:wrong@{address}"));
    refused(&world, &["user or password is wrong"]).await;
    ask(&mut redis, &["CONFIG", "SET", "requirepass", "secret"]).await;
    world.set("redis_url", &format!("redis://{address}"));
    refused(&world, &["requires a password"]).await;
    ask(&mut redis, &["CONFIG", "SET", "requirepass", ""]).await;
    world.set("redis_url", &whole);

    ask(&mut redis, &["CONFIG", "SET", "lua-time-limit", "20"]).await;
    let mut busy = world.redis().await;
    let spinning = tokio::spawn(async move {
        let script = redis::cmd("EVAL")
            .arg("while true do end")
            .arg(0)
            .to_owned();
        script.exec_async(&mut busy).await
    });
    kyc_tests::eventually("it is busy", async || {
        let answer: redis::RedisResult<()> = redis::cmd("PING")
            .exec_async(&mut world.redis().await)
            .await;
        answer
            .is_err_and(|error| error.code() == Some("BUSY"))
            .then_some(())
    })
    .await;
    refused(&world, &["script has been running", "SCRIPT KILL"]).await;
    redis::cmd("SCRIPT")
        .arg("KILL")
        .exec_async(&mut world.redis().await)
        .await
        .unwrap();
    let _ = spinning.await;

    ask(&mut redis, &["REPLICAOF", "127.0.0.1", "1"]).await;
    let ran = world.run(["enqueue", "bvn", "22212345000"]).await;
    assert_ne!(ran.code, 0);
    assert!(!ran.err.contains("script:"), "{}", ran.err);
    ask(&mut redis, &["REPLICAOF", "NO", "ONE"]).await;

    let left = queue.depths(&["bvn"]).await.unwrap();
    assert_eq!(left.ready["bvn"], 0, "nothing was accepted");
    world.run(["enqueue", "bvn", "22212345000"]).await.good();
}
