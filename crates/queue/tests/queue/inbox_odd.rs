//! What an outsider may write into the inbox: each entry is assessed by itself, and none stops another.

use kyc_kinds::{Rules, parse};
use kyc_queue::{Inbox, Queue};
use redis::AsyncCommands as _;
use serde_json::json;
use tokio::task::JoinHandle;

use crate::support::{Case, eventually, number, request};

fn read(queue: &Queue, name: &str) -> JoinHandle<()> {
    let inbox = Inbox::new(queue.clone(), name, |job: &[u8]| {
        parse(job, Rules::default())
    });
    tokio::spawn(async move { inbox.run().await })
}

async fn add(case: &Case, fields: &[(&[u8], &[u8])]) -> String {
    let mut add = redis::cmd("XADD");
    add.arg(case.key("inbox")).arg("*");
    for (name, value) in fields {
        add.arg(*name).arg(*value);
    }
    add.query_async(&mut case.raw().await).await.unwrap()
}

async fn emptied(case: &Case) {
    eventually("the inbox is empty", async || {
        (case.depths().await.inbox == 0).then_some(())
    })
    .await;
}

/// The fields of an entry, what its refusal says, and whether the entry is kept.
type Row<'a> = (Vec<(&'a [u8], &'a [u8])>, &'a str, bool);

#[tokio::test(flavor = "multi_thread")]
async fn no_entry_stops_the_next() {
    let case = Case::start().await;
    let good = |nth| json!({"kind": "bvn", "bvn": number(nth)}).to_string();
    let java = b"\xAC\xED\x00\x05t\x00\x03job";
    let twice = serde_json::to_vec(&good(1)).unwrap();
    let large = vec![b'x'; 70_000];
    let names: Vec<Vec<u8>> = (0..10_000)
        .map(|nth| format!("field{nth}").into_bytes())
        .collect();
    let many: Vec<(&[u8], &[u8])> = names.iter().map(|name| (&name[..], &b"x"[..])).collect();
    let rows: Vec<Row<'_>> = vec![
        (vec![(b"\xFF\xFE", b"x")], "is not UTF-8", true),
        (vec![(java, b"x")], "was written by Java's serializer", true),
        (
            vec![(b"job", b"\xAC\xED\x00\x05t\x00\x02{}")],
            "was written by Java's serializer",
            true,
        ),
        (
            vec![(b"job", b"\x80\x04\x95\x00")],
            "is a pickle of Python",
            true,
        ),
        (
            vec![(b"job", b"a:1:{s:4:\"kind\";s:3:\"bvn\";}")],
            "was written by PHP's serializer",
            true,
        ),
        (vec![(b"job", b"\x1F\x8B\x08")], "is compressed", true),
        (vec![(b"job", &twice)], "is JSON within a JSON text", true),
        (
            vec![(b"job", b"{\"kind\":\"b\xFF\"}")],
            "is not UTF-8",
            true,
        ),
        (vec![(b"jb", b"x")], "is missing", true),
        (
            vec![(b"job", b"{}"), (b"job", b"{}")],
            "is there twice",
            true,
        ),
        (
            vec![(b"job", &large)],
            "is larger than 64 KiB (70003 bytes)",
            false,
        ),
        (many, "came with 10000 fields", false),
        (vec![(b"", b"")], "is missing", true),
    ];
    let mut entries = Vec::new();
    for (nth, (fields, ..)) in rows.iter().enumerate() {
        entries.push(add(&case, fields).await);
        case.queue.post(&good(100 + nth)).await.unwrap();
    }
    let reading = [read(&case.queue, "one"), read(&case.queue, "two")];
    emptied(&case).await;
    let rejected = case.queue.rejected(100).await.unwrap();
    for ((fields, problem, is_retained), entry) in rows.iter().zip(&entries) {
        let told = rejected
            .iter()
            .find(|rejected| rejected.entry == *entry)
            .unwrap();
        // A large set of fields is told by its size first.
        let is_told =
            told.problem == *problem || !is_retained && told.problem.starts_with("is larger");
        assert!(is_told && !told.remedy.is_empty(), "{problem}: {told:?}");
        assert_eq!(told.is_retained, *is_retained, "{problem}");
        let sent: usize = fields
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        assert_eq!(told.bytes, sent as u64, "{problem}");
    }
    assert_eq!(
        case.depths().await.ready["bvn"],
        rows.len() as u64,
        "the good ones are accepted"
    );
    reading.iter().for_each(JoinHandle::abort);
}

#[tokio::test(flavor = "multi_thread")]
async fn large_entries_stay_where_they_are_and_take_no_room() {
    let case = Case::start().await;
    let large = vec![b'x'; 10 << 20];
    for _ in 0..10 {
        add(&case, &[(b"job", &large)]).await;
    }
    case.queue
        .post(&json!({"kind": "bvn", "bvn": number(1)}).to_string())
        .await
        .unwrap();
    let reading = read(&case.queue, "reader");
    emptied(&case).await;
    assert_eq!(case.queue.rejected(100).await.unwrap().len(), 10);
    let used: usize = redis::cmd("MEMORY")
        .arg(&["USAGE", &case.key("inbox:rejected")])
        .query_async(&mut case.raw().await)
        .await
        .unwrap();
    assert!(used < 100_000, "{used}");
    assert_eq!(case.depths().await.ready["bvn"], 1);
    reading.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_its_producer_cut_off_is_waited_for_by_nobody() {
    let case = Case::start().await;
    let mut raw = case.raw().await;
    let _: () = redis::cmd("XGROUP")
        .arg(&["CREATE", &case.key("inbox"), "pods", "0", "MKSTREAM"])
        .query_async(&mut raw)
        .await
        .unwrap();
    add(&case, &[(b"job", b"{}")]).await;
    let _: redis::Value = redis::cmd("XREADGROUP")
        .arg(&[
            "GROUP",
            "pods",
            "reader",
            "STREAMS",
            &case.key("inbox"),
            ">",
        ])
        .query_async(&mut raw)
        .await
        .unwrap();
    let _: () = redis::cmd("XTRIM")
        .arg(&[&case.key("inbox"), "MAXLEN", "0"])
        .query_async(&mut raw)
        .await
        .unwrap();
    let reading = read(&case.queue, "reader");
    eventually("nothing is pending", async || {
        let pending: Vec<redis::Value> = redis::cmd("XPENDING")
            .arg(&[&case.key("inbox"), "pods"])
            .query_async(&mut case.raw().await)
            .await
            .unwrap();
        (pending[0] == redis::Value::Int(0)).then_some(())
    })
    .await;
    reading.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_emptied_below_a_running_reader_accepts_one_job_once() {
    let case = Case::start().await;
    let reading = read(&case.queue, "reader");
    case.queue
        .post(&json!({"kind": "bvn", "bvn": number(1)}).to_string())
        .await
        .unwrap();
    emptied(&case).await;
    let mut raw = case.raw().await;
    let _: () = redis::cmd("FLUSHALL").query_async(&mut raw).await.unwrap();
    let job =
        json!({"kind": "bvn", "bvn": number(2), "idempotency_key": "k1", "reference": "loan-1"});
    case.queue.post(&job.to_string()).await.unwrap();
    eventually("it is accepted", async || {
        (case.depths().await.ready["bvn"] == 1).then_some(())
    })
    .await;
    // Another process, begun since.
    let other = case.another_queue().await;
    let more = json!({"idempotency_key": "k1", "reference": "loan-1"});
    let again = other.enqueue(&request("bvn", 2, more)).await.unwrap();
    assert!(again.existing, "one key is one job");
    for queue in [&case.queue, &other] {
        let found = queue
            .find_by_reference("default", "loan-1", 10)
            .await
            .unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].id, again.id);
    }

    // And the other way round: the new process comes first.
    let _: () = redis::cmd("FLUSHALL").query_async(&mut raw).await.unwrap();
    let third = case.another_queue().await;
    let first = third
        .enqueue(&request("bvn", 3, json!({"idempotency_key": "k2"})))
        .await
        .unwrap();
    let again = case
        .queue
        .enqueue(&request("bvn", 3, json!({"idempotency_key": "k2"})))
        .await
        .unwrap();
    assert_eq!((again.id, again.existing), (first.id, true));
    let length: usize = raw.zcard(case.key("ready:bvn:normal")).await.unwrap();
    assert_eq!(length, 1);
    reading.abort();
}
