//! No key and no value in Redis holds anything of a person in clear, once the inbox has been read.

use kyc_domain::Class;
use kyc_kinds::{Rules, parse};
use kyc_queue::Inbox;
use redis::AsyncCommands as _;
use serde_json::json;

use crate::support::{Case, eventually, failed, found, handler, number, request, start, worker};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_request_stands_in_redis_in_clear() {
    let case = Case::start().await;
    let secrets = [
        number(7_654_321),
        "Ngozi".to_owned(),
        "secret-key".to_owned(),
    ];
    let personal = json!({
        "claims": {"first_name": "Ngozi"}, "idempotency_key": "secret-key", "max_attempts": 1,
        "callback_url": "https://example.com/secret-key",
    });
    for kind in ["bvn", "nin"] {
        let mut more = personal.clone();
        more["tenant"] = kind.into();
        case.enqueue(&request(kind, 7_654_321, more)).await;
    }
    let mut wrong =
        json!({"kind": "bvn", "bvn": number(7_654_321), "claims": {"first_name": 5}, "Ngozi": "x"});
    wrong[number(7_654_321)] = "a number in the place of a name".into();
    case.queue.post(&wrong.to_string()).await.unwrap();
    let inbox = Inbox::new(case.queue.clone(), "reader", |job: &[u8]| {
        parse(job, Rules::default())
    });
    let reading = tokio::spawn(async move { inbox.run().await });
    let worker = start(
        &case.queue,
        worker("one"),
        handler(|job| async move {
            let mut outcome = found(0, 0);
            outcome.message = Some(number(7_654_321));
            if job.kind() == "bvn" {
                Ok(outcome)
            } else {
                Err(failed(Class::Hopeless))
            }
        }),
    );
    eventually("all is done", async || {
        let depths = case.depths().await;
        (depths.completed + depths.dead + depths.rejected == 3 && depths.inbox == 0).then_some(())
    })
    .await;
    reading.abort();
    worker.stop().await;
    let mut raw = case.raw().await;
    let keys: Vec<String> = redis::cmd("KEYS")
        .arg("*")
        .query_async(&mut raw)
        .await
        .unwrap();
    assert!(keys.len() >= 8, "{keys:?}");
    for key in keys {
        let kind: String = redis::cmd("TYPE")
            .arg(&key)
            .query_async(&mut raw)
            .await
            .unwrap();
        let read = match kind.as_str() {
            "string" => redis::cmd("GET").arg(&key).to_owned(),
            "hash" => redis::cmd("HGETALL").arg(&key).to_owned(),
            "zset" => redis::cmd("ZRANGE").arg(&key).arg(0).arg(-1).to_owned(),
            "set" => redis::cmd("SMEMBERS").arg(&key).to_owned(),
            "list" => redis::cmd("LRANGE").arg(&key).arg(0).arg(-1).to_owned(),
            "stream" => redis::cmd("XRANGE").arg(&key).arg("-").arg("+").to_owned(),
            other => panic!("{key} is a {other}"),
        };
        let value: redis::Value = read.query_async(&mut raw).await.unwrap();
        let mut all = key.clone().into_bytes();
        flatten(&value, &mut all);
        let text = String::from_utf8_lossy(&all);
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{secret} stands in {key}");
        }
    }
    let _: usize = raw.xlen(case.key("results")).await.unwrap();
    case.done().await;
}

fn flatten(value: &redis::Value, into: &mut Vec<u8>) {
    match value {
        redis::Value::BulkString(bytes) => into.extend(bytes),
        redis::Value::SimpleString(text) => into.extend(text.as_bytes()),
        redis::Value::Array(values) | redis::Value::Set(values) => {
            values.iter().for_each(|value| flatten(value, into));
        }
        redis::Value::Map(pairs) => pairs.iter().for_each(|(name, value)| {
            flatten(name, into);
            flatten(value, into);
        }),
        other => into.extend(format!("{other:?}").bytes()),
    }
    into.push(b' ');
}
