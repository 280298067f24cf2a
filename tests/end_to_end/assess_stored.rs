//! `kyc assess --since`: assesses stored verifications again with other settings, and changes nothing in Redis.

use std::time::{Duration, Instant};

use kyc_domain::{MatchPolicy, Person, Record, Verdict, VerificationId, assess};
use kyc_tests::{Job, World, eventually_within};
use kyc_vault::Owner;
use redis::{AsyncCommands, aio::MultiplexedConnection};
use serde_json::{Value, json};

use crate::reuse::enqueue;

async fn again(world: &World, words: &[&str]) -> Value {
    let words = ["assess", "--json"].iter().chain(words);
    serde_json::from_str(&world.run(words).await.good()).unwrap()
}

/// Adds a claim that is close by the default policy, and a mismatch by the strict one.
fn with_a_slip(job: &Job) -> Job {
    let name = |field: &str| job.who[field].as_str().unwrap().to_owned();
    let person = Person {
        first_name: Some(name("first_name")),
        last_name: Some(name("last_name")),
        ..Person::default()
    };
    let record = Record::Person(Box::new(person));
    let usual = MatchPolicy::default();
    let strict = MatchPolicy {
        close_spelling: 1.0,
        ..usual.clone()
    };
    let slips = ["first_name", "last_name"].into_iter().flat_map(|field| {
        let of = move |letter: char| (field, letter);
        ['k', 'z', 'm', 'e'].into_iter().map(of)
    });
    let mut slips = slips.map(|(field, letter)| {
        let mut text = name(field);
        text.insert(text.len() - 1, letter);
        job.clone().with("claims", json!({ field: text }))
    });
    let close = |job: &Job| {
        let claims = job.request().claims;
        let of = |policy| assess(&claims, &record, policy).verdict;
        (of(&usual), of(&strict)) == (Verdict::PartialMatch, Verdict::NoMatch)
    };
    slips.find(close).unwrap()
}

/// Returns jobs of three kinds and two tenants: claims that agree, one with a typing error, another name, no claims, and no
/// record.
fn jobs() -> Vec<Job> {
    let mut jobs = Vec::new();
    for nth in 0..240 {
        let kind = ["bvn", "nin", "drivers_license"][nth % 3];
        let code = if nth % 12 == 11 { "001" } else { "000" };
        let job = Job::of_case(kind, code);
        let job = match nth / 3 % 4 {
            0 => job.claiming(&["last_name"]),
            1 => with_a_slip(&job),
            2 => job.with("claims", json!({ "last_name": "Nobody" })),
            _ => job,
        };
        let tenant = if nth % 2 == 0 { "even" } else { "odd" };
        jobs.push(job.with("tenant", tenant));
    }
    jobs
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_verifications_are_assessed_again_and_nothing_is_changed() {
    let world = World::new().await;
    let mut redis = world.redis().await;
    let mut worker = world.worker("one", &[]).await;
    let jobs = jobs();
    let ids = enqueue(&world, &jobs).await;
    let count = ids.len() as u64;
    eventually_within(2 * kyc_tests::LONG, "all are completed", async || {
        let completed: u64 = redis.clone().zcard("{kyc}:completed").await.ok()?;
        (completed == count).then_some(())
    })
    .await;
    assert_eq!(worker.terminate().await, 0);
    let before = dump(&mut redis).await;

    // With the same settings, nothing changes.
    let same = again(&world, &["--since", "1h"]).await;
    assert_eq!(same["verifications"], count, "{same}");
    assert_eq!(
        (&same["changed"], &same["unreadable"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(same["without_record"], 20, "{same}");

    let strict = again(
        &world,
        &["--since", "1h", "--set", "match_close_spelling=1"],
    )
    .await;
    let changes = strict["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 1, "{strict}");
    assert_eq!(
        (&changes[0]["from"], &changes[0]["to"]),
        (&json!("partial_match"), &json!("no_match"))
    );
    let slips: Vec<&VerificationId> = (0..ids.len())
        .filter(|nth| nth / 3 % 4 == 1 && nth % 12 != 11)
        .map(|nth| &ids[nth])
        .collect();
    let told: Vec<VerificationId> = serde_json::from_value(changes[0]["ids"].clone()).unwrap();
    let mut expected: Vec<VerificationId> = slips.into_iter().copied().collect();
    expected.sort_unstable();
    assert_eq!(told, expected);
    assert_eq!(strict["changed"], told.len());
    assert_eq!(
        strict["unchanged"].as_u64().unwrap() + told.len() as u64,
        count
    );

    let text = ["assess", "--since", "1h", "--set", "match_close_spelling=1"];
    let text = world.run(text).await.good();
    for part in [
        "partial_match",
        "no_match",
        "and 55 more",
        "nothing was changed",
    ] {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }
    let [few, all] = ["--ids=2", "--ids"];
    for (ids, lines) in [(few, 2), (all, told.len())] {
        let words = [
            "assess",
            "--since",
            "1h",
            "--set",
            "match_close_spelling=1",
            ids,
        ];
        let text = world.run(words).await.good();
        let named = told.iter().filter(|id| text.contains(&id.to_string()));
        assert_eq!(named.count(), lines, "{ids}");
    }

    for (words, verifications) in [
        (&["--since", "1h", "--kind", "bvn"][..], count / 3),
        (&["--since", "1h", "--tenant", "even"], count / 2),
        (
            &["--since", "1h", "--kind", "nin", "--tenant", "odd"],
            count / 6,
        ),
        (&["--since", "1h", "--kind", "cac"], 0),
        (&["--since", "1ms"], 0),
    ] {
        let told = again(&world, words).await;
        assert_eq!(told["verifications"], verifications, "{words:?}");
    }
    let after = dump(&mut redis).await;
    let changed: Vec<&String> = (before.iter().zip(&after))
        .filter(|(before, after)| before != after)
        .map(|(before, _)| &before.0)
        .collect();
    assert!(changed.is_empty(), "changed: {changed:?}");
    assert_eq!(before.len(), after.len());
}

/// Returns every key of Redis with what it holds: the fields of a job in order, since reading them can change their order
/// in Redis, and everything else serialised.
async fn dump(redis: &mut MultiplexedConnection) -> Vec<(String, Vec<u8>)> {
    let mut keys: Vec<String> = redis.keys("*").await.unwrap();
    keys.sort_unstable();
    let mut all = Vec::new();
    for key in keys {
        let bytes = if key.contains(":job:") {
            let fields: std::collections::BTreeMap<Vec<u8>, Vec<u8>> =
                redis.hgetall(&key).await.unwrap();
            fields
                .into_iter()
                .flat_map(|(name, value)| [name, value].concat())
                .collect()
        } else {
            let mut ask = redis::cmd("DUMP");
            let bytes: Option<Vec<u8>> = ask.arg(&key).query_async(redis).await.unwrap();
            bytes.unwrap_or_default()
        };
        all.push((key, bytes));
    }
    all
}

/// Returns the number of stored verifications: `KYC_ASSESS_STORED`, or enough for a test.
fn many() -> usize {
    #[expect(
        clippy::disallowed_methods,
        reason = "an environment variable sets the size of the test"
    )]
    let told = std::env::var("KYC_ASSESS_STORED").ok();
    told.and_then(|told| told.parse().ok()).unwrap_or(2_000)
}

/// Whose the parts of a verification are.
fn owner(verification: &str) -> Owner<'_> {
    Owner {
        tenant: "default",
        kind: "bvn",
        verification,
    }
}

/// Stores `many` completed verifications: copies of one, each sealed separately. Several of them ended in the same
/// millisecond.
async fn store(world: &World, pattern: &str, many: usize) -> Vec<VerificationId> {
    let (vault, mut redis) = (world.vault(), world.redis().await);
    let known: Vec<Vec<u8>> = redis
        .hmget(
            format!("{{kyc}}:job:{pattern}"),
            &["header", "progress", "request", "outcome", "key"][..],
        )
        .await
        .unwrap();
    let key = vault.key(owner(pattern), &known[4]).unwrap();
    let open = |part, sealed: &[u8]| key.open(part, sealed).unwrap().bytes;
    let (request, outcome) = (open("request", &known[2]), open("outcome", &known[3]));
    let (seconds, _): (u64, u64) = redis::cmd("TIME").query_async(&mut redis).await.unwrap();
    let mut ids = Vec::with_capacity(many);
    while ids.len() < many {
        let mut write = redis::pipe();
        for nth in 0..500.min(many - ids.len()) {
            let id = VerificationId::generate();
            let key = vault.data_key(owner(&id.to_string())).unwrap();
            let seal = |part, bytes: &[u8]| key.seal(part, "application/json", bytes);
            write
                .cmd("HSET")
                .arg(format!("{{kyc}}:job:{id}"))
                .arg("header")
                .arg(&known[0])
                .arg("progress")
                .arg(&known[1])
                .arg("key")
                .arg(key.record())
                .arg("request")
                .arg(seal("request", &request))
                .arg("outcome")
                .arg(seal("outcome", &outcome))
                .ignore();
            // Most verifications of a page end in the same millisecond.
            let at = seconds * 1000 - 60_000 + (ids.len() + nth) as u64 / 300;
            write.zadd("{kyc}:completed", id.to_string(), at).ignore();
            ids.push(id);
        }
        write.exec_async(&mut redis).await.unwrap();
    }
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_assessed_in_bounded_memory_and_unreadable_ones_are_counted() {
    let world = World::new().await;
    let queue = world.queue().await;
    let mut worker = world.worker("one", &[]).await;
    let job = with_a_slip(&Job::of_case("bvn", "000"));
    let id = world.enqueue(&queue, &job).await;
    world.end_of(&queue, id).await;
    assert_eq!(worker.terminate().await, 0);
    let many = many();
    let ids = store(&world, &id.to_string(), many).await;
    // Three cannot be opened. Of another, only its entry in the list is left.
    let mut redis = world.redis().await;
    let key = |id: &VerificationId| format!("{{kyc}}:job:{id}");
    let _: () = redis.hset(key(&ids[0]), "outcome", "x").await.unwrap();
    let _: () = redis.hset(key(&ids[1]), "header", "x").await.unwrap();
    let _: () = redis.hdel(key(&ids[2]), "request").await.unwrap();
    let _: () = redis.del(key(&ids[3])).await.unwrap();

    let mut command = world.kyc([
        "assess",
        "--json",
        "--since",
        "1h",
        "--set",
        "match_close_spelling=1",
    ]);
    command.stdout(std::process::Stdio::piped());
    let begun = Instant::now();
    let child = command.spawn().unwrap();
    let pid = child.id().unwrap();
    let peak = tokio::spawn(peak_of(pid));
    let output = child.wait_with_output().await.unwrap();
    let (took, peak) = (begun.elapsed(), peak.await.unwrap());
    println!("{many} assessed again in {took:?}, {peak} KiB at the peak");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let assessed = many as u64 + 1 - 4;
    assert_eq!(told["verifications"], assessed + 3);
    assert_eq!(
        (&told["changed"], &told["unreadable"]),
        (&json!(assessed), &json!(3))
    );
    let named = told["changes"][0]["ids"].as_array().unwrap();
    assert_eq!(named.len() as u64, assessed, "each once");
    assert!(peak < 200_000, "{peak} KiB");
}

/// Returns the peak memory of a process, in KiB.
async fn peak_of(pid: u32) -> u64 {
    let mut peak = 0;
    loop {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let Some(line) = line else {
            return peak;
        };
        let number = line.trim().trim_end_matches(" kB").parse();
        peak = number.unwrap_or(peak);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
