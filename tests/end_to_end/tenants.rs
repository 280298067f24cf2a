//! Tenants with an inbox of their own, and Redis users that may do what their role needs and no more.

use kyc_tests::{Job, World, eventually_within};
use redis::{AsyncCommands as _, aio::MultiplexedConnection};
use serde_json::json;

const LONG: std::time::Duration = std::time::Duration::from_secs(60);

/// Sets up the user that `kyc acl` describes, and returns the address with its name and password.
pub(crate) async fn user(world: &World, words: &[&str]) -> String {
    let printed = world.run([&["acl"], words].concat()).await.good();
    let printed = printed.trim().replace(">PASSWORD", ">secret");
    let mut parts = printed.split_whitespace();
    let mut command = redis::cmd(parts.next().unwrap());
    let parts: Vec<&str> = parts.collect();
    command
        .arg(&parts)
        .exec_async(&mut world.redis().await)
        .await
        .unwrap();
    let address = world.setting("redis_url").trim_start_matches("redis://");
    format!("redis://{}:secret@{address}", parts[1])
}

async fn connected(url: &str) -> MultiplexedConnection {
    let client = redis::Client::open(url).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_belongs_to_the_tenant_of_its_inbox() {
    let world = World::new().await;
    let queue = world.queue().await;
    let _worker = world.worker("worker", &[]).await;
    assert_eq!(
        world.run(["tenants", "add", "acme"]).await.good().trim(),
        "acme added"
    );
    let job = |tenant: Option<&str>, reference: &str| {
        let number = "22200000000";
        json!({ "kind": "bvn", "bvn": number, "tenant": tenant, "reference": reference })
            .to_string()
    };
    let mut redis = world.redis().await;
    for (stream, tenant, reference) in [
        ("{kyc}:inbox:acme", None, "one"),
        ("{kyc}:inbox:acme", Some("acme"), "two"),
        ("{kyc}:inbox:acme", Some("other"), "three"),
        ("{kyc}:inbox", None, "four"),
        ("{kyc}:inbox", Some("acme"), "five"),
    ] {
        let fields = [("job", job(tenant, reference))];
        let _: String = redis.xadd(stream, "*", &fields).await.unwrap();
    }
    let (mut done, rejected) = eventually_within(LONG, "all are taken", async || {
        let done = world.published(&queue).await;
        let rejected = queue.rejected(10).await.unwrap();
        (done.len() == 3 && rejected.len() == 2).then_some((done, rejected))
    })
    .await;
    done.sort_by(|one, other| one.reference.cmp(&other.reference));
    let whose: Vec<_> = done
        .iter()
        .map(|done| (&*done.reference, &*done.tenant))
        .collect();
    assert_eq!(
        whose,
        [("four", "default"), ("one", "acme"), ("two", "acme")]
    );
    for rejected in rejected {
        assert_eq!(rejected.field, "tenant");
        assert!(
            rejected.remedy.contains("{kyc}:inbox:TENANT"),
            "{rejected:?}"
        );
    }
    // Its own results are in a stream of its own, beside the one of all.
    let own = world
        .run(["results", "--tenant", "acme", "--json"])
        .await
        .good();
    assert_eq!(own.lines().count(), 2);
    assert!(
        own.lines().all(|line| line.contains(r#""authentic":true"#)),
        "{own}"
    );

    let listed = world.run(["--json", "tenants", "list"]).await.good();
    let listed: Vec<serde_json::Value> = listed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let tenants: Vec<_> = listed.iter().map(|line| &line["tenant"]).collect();
    assert_eq!(tenants, ["default", "acme"]);
    world.run(["tenants", "remove", "acme"]).await.good();
    for bad in ["Acme", "a:b", "rejected", ""] {
        let ran = world.run(["tenants", "add", bad]).await;
        assert!(ran.code != 0, "{bad}: {ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_producer_reaches_its_own_inbox_and_results_alone() {
    let world = World::new().await;
    let queue = world.queue().await;
    let other = world.enqueue(&queue, &Job::of_case("bvn", "000")).await;
    for tenant in ["acme", "evil"] {
        world.run(["tenants", "add", tenant]).await.good();
    }
    let url = user(&world, &["--role", "producer", "--tenant", "evil"]).await;
    let mut redis = connected(&url).await;
    let job = r#"{"kind":"bvn","bvn":"22212345000"}"#;
    let header = format!("{{kyc}}:job:{other}");
    let cases: [(&[&str], bool); 37] = [
        (&["XADD", "{kyc}:inbox:evil", "*", "job", job], true),
        (&["XREAD", "STREAMS", "{kyc}:results:evil", "0"], true),
        (&["XRANGE", "{kyc}:results:evil", "-", "+"], true),
        (&["XLEN", "{kyc}:results:evil"], true),
        (&["PING"], true),
        // Neither does it read what it sent, nor anybody else's.
        (&["XRANGE", "{kyc}:inbox:evil", "-", "+"], false),
        (&["XREAD", "STREAMS", "{kyc}:inbox:evil", "0"], false),
        (&["XADD", "{kyc}:inbox:acme", "*", "job", job], false),
        (&["XADD", "{kyc}:inbox", "*", "job", job], false),
        (&["XADD", "{kyc}:results", "*", "result", "{}"], false),
        (&["XADD", "{kyc}:results:evil", "*", "result", "{}"], false),
        (&["XADD", "{kyc}:inbox:rejected", "*", "job", job], false),
        (&["XREAD", "STREAMS", "{kyc}:results", "0"], false),
        (&["XREAD", "STREAMS", "{kyc}:results:acme", "0"], false),
        (&["XRANGE", "{kyc}:inbox:acme", "-", "+"], false),
        (&["XRANGE", "{kyc}:inbox:rejected", "-", "+"], false),
        (&["XDEL", "{kyc}:inbox:evil", "1-1"], false),
        (&["XTRIM", "{kyc}:inbox:evil", "MAXLEN", "0"], false),
        (
            &[
                "XREADGROUP",
                "GROUP",
                "pods",
                "x",
                "STREAMS",
                "{kyc}:inbox:evil",
                ">",
            ],
            false,
        ),
        (&["HGETALL", &header], false),
        (&["HGET", &header, "header"], false),
        (&["HSET", &header, "header", "{}"], false),
        (&["KEYS", "*"], false),
        (&["SCAN", "0"], false),
        (&["GET", "{kyc}:index-key"], false),
        (&["SMEMBERS", "{kyc}:person:0"], false),
        (&["HGETALL", "{kyc}:persons"], false),
        (&["HGETALL", "{kyc}:acceptance:inbox:evil"], false),
        (&["SET", "{kyc}:answer:x", "1"], false),
        (&["SMEMBERS", "{kyc}:tenants"], false),
        (&["SADD", "{kyc}:tenants", "evil2"], false),
        (&["EVAL", "return 1", "0"], false),
        (&["FLUSHALL"], false),
        (&["CONFIG", "GET", "*"], false),
        (&["MONITOR"], false),
        (&["SUBSCRIBE", "{kyc}:done"], false),
        (&["ACL", "LIST"], false),
    ];
    for (words, is_allowed) in cases {
        let mut command = redis::cmd(words[0]);
        let answer = command.arg(&words[1..]).exec_async(&mut redis).await;
        let refused = answer.as_ref().err().and_then(redis::RedisError::code);
        assert_eq!(
            refused != Some("NOPERM"),
            is_allowed,
            "{words:?}: {answer:?}"
        );
    }
    // What it sent arrives.
    let _worker = world.worker("worker", &[]).await;
    eventually_within(LONG, "its result is there", async || {
        let length: usize = redis.xlen("{kyc}:results:evil").await.unwrap();
        (length == 1).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_can_do_its_work_and_a_reader_changes_nothing() {
    let mut world = World::new().await;
    let queue = world.queue().await;
    let id = world.enqueue(&queue, &Job::of_case("bvn", "000")).await;
    let [worker, operator, reader] = [
        user(&world, &["--role", "worker"]).await,
        user(&world, &["--role", "operator"]).await,
        user(&world, &["--role", "reader"]).await,
    ];
    let running = world.worker("worker", &[("redis_url", &worker)]).await;
    world.end_of(&queue, id).await;
    queue
        .post(r#"{"kind":"bvn","bvn":"22212345000"}"#)
        .await
        .unwrap();
    eventually_within(LONG, "the inbox is read", async || {
        (world.published(&queue).await.len() == 2).then_some(())
    })
    .await;
    drop(running);
    world.unset("keys");
    let id = id.to_string();
    let looks = [
        &["queue", "stats"][..],
        &["jobs", "list"],
        &["jobs", "show", &id],
        &["results"],
        &["limits"],
    ];
    let acts = [
        &["limits", "set", "bvn", "--rate", "5/s"][..],
        &["limits", "pause", "bvn"],
        &["tenants", "add", "acme"],
        &["jobs", "discard", &id],
    ];
    world.set("redis_url", &reader);
    for words in looks {
        let ran = world.run(words).await;
        assert_eq!(ran.code, 0, "{words:?}: {ran:?}");
    }
    for words in acts {
        let ran = world.run(words).await;
        assert!(
            ran.code != 0 && ran.err.contains("lacks"),
            "{words:?}: {ran:?}"
        );
    }
    no_index_of_persons(&world, &reader, &id).await;
    world.set("redis_url", &operator);
    for words in looks.into_iter().chain(acts) {
        let ran = world.run(words).await;
        assert_eq!(ran.code, 0, "{words:?}: {ran:?}");
    }
    let missing = world.run(["acl", "--role", "producer"]).await;
    assert!(missing.err.contains("--tenant is missing"), "{missing:?}");
}

/// A reader sees jobs, and neither the indexes by which persons are found nor the names of keys, of which they are a part.
async fn no_index_of_persons(world: &World, reader: &str, id: &str) {
    let indexes: String = world.redis().await.hget("{kyc}:persons", id).await.unwrap();
    let person = format!("{{kyc}}:person:{}", indexes.split(' ').next().unwrap());
    let mut redis = connected(reader).await;
    let script = "return redis.call('SMEMBERS', KEYS[1])";
    for (words, is_allowed) in [
        (&["HGETALL", &format!("{{kyc}}:job:{id}")][..], true),
        (&["HGETALL", "{kyc}:persons"], false),
        (&["HGET", "{kyc}:persons", id], false),
        (&["SMEMBERS", &person], false),
        (&["SSCAN", &person, "0"], false),
        (&["DUMP", &person], false),
        (&["SCAN", "0"], false),
        (&["KEYS", "*"], false),
        (&["RANDOMKEY"], false),
        (&["EVAL", script, "1", &person], false),
    ] {
        let answer = redis::cmd(words[0])
            .arg(&words[1..])
            .query_async::<redis::Value>(&mut redis)
            .await;
        let refused = answer.as_ref().err().and_then(redis::RedisError::code);
        assert_eq!(
            refused != Some("NOPERM"),
            is_allowed,
            "{words:?}: {answer:?}"
        );
        let shown = format!("{answer:?}");
        for index in indexes.split(' ') {
            assert!(!shown.contains(index), "{words:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_has_a_rate_of_acceptance_that_lists_show() {
    let world = World::new().await;
    let mut redis = world.redis().await;
    world
        .run(["tenants", "add", "acme", "--accept", "1/h"])
        .await
        .good();
    for nth in 0..5 {
        let job = format!(r#"{{"kind":"bvn","bvn":"2221234{nth}000"}}"#);
        let mut add = redis::cmd("XADD");
        add.arg("{kyc}:inbox:acme").arg("*").arg("job").arg(job);
        add.exec_async(&mut redis).await.unwrap();
    }
    let _worker = world.worker("worker", &[]).await;
    let acme = async || -> serde_json::Value {
        let listed = world.run(["--json", "tenants", "list"]).await.good();
        serde_json::from_str(listed.lines().last().unwrap()).unwrap()
    };
    eventually_within(LONG, "one is accepted", async || {
        (acme().await["waiting"] == 4).then_some(())
    })
    .await;
    let listed = acme().await;
    assert_eq!(listed["accept"], "1/h");
    assert!(listed["limited_until"].is_string(), "{listed}");
    let table = world.run(["tenants", "list"]).await.good();
    assert!(
        table.contains("the rate of acceptance") && table.contains("unlimited"),
        "{table}"
    );
    world
        .run(["tenants", "limit", "acme", "--accept", "none"])
        .await
        .good();
    eventually_within(LONG, "all are accepted", async || {
        (acme().await["waiting"] == 0).then_some(())
    })
    .await;
    world
        .run(["tenants", "limit", "default", "--accept", "50/s"])
        .await
        .good();
    for wrong in [
        &["tenants", "limit", "nobody", "--accept", "1/s"][..],
        &["tenants", "limit", "acme", "--accept", "fast"],
        &["tenants", "add", "other", "--accept", "0/s"],
    ] {
        assert!(world.run(wrong).await.code != 0, "{wrong:?}");
    }
}
