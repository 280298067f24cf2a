//! Files of jobs: sent, sent again, broken off, corrected, cancelled, and their results.

use std::fmt::Write as _;

use kyc_tests::World;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Api, key};

const CSV: &str = "text/csv";

/// Sends a file.
async fn send(
    api: &Api,
    path: &str,
    key: &str,
    name: &str,
    media_type: &str,
    file: &str,
) -> Answer {
    let mut request = api
        .request(Method::POST, path, key)
        .header("content-type", media_type);
    if !name.is_empty() {
        request = request.header("idempotency-key", name);
    }
    Answer::of(request.body(file.to_owned())).await
}

/// Returns a batch whose rows have all ended.
async fn ended(api: &Api, key: &str, id: &str) -> Value {
    let end = tokio::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        let batch = api.get(&format!("/v1/batches/{id}"), key).await.json();
        if batch["state"] == "ended" {
            return batch;
        }
        assert!(tokio::time::Instant::now() < end, "{batch}");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
}

fn calls_of(world: &World) -> u64 {
    world.stats().arrivals.values().sum()
}

/// Nothing of a person is in Redis in clear, nor in the server's log.
async fn is_private(world: &World, api: &Api, secrets: &[&str]) {
    let mut redis = world.redis().await;
    let keys: Vec<String> = redis::cmd("KEYS")
        .arg("*")
        .query_async(&mut redis)
        .await
        .unwrap();
    let mut all = keys.join(" ");
    for key in &keys {
        let kind: String = redis::cmd("TYPE")
            .arg(key)
            .query_async(&mut redis)
            .await
            .unwrap();
        let ask: &[&str] = match kind.as_str() {
            "string" => &["GET", key],
            "hash" => &["HGETALL", key],
            "zset" => &["ZRANGE", key, "0", "-1"],
            "set" => &["SMEMBERS", key],
            "stream" => &["XRANGE", key, "-", "+"],
            other => panic!("{key} is a {other}"),
        };
        let value: redis::Value = redis::cmd(ask[0])
            .arg(&ask[1..])
            .query_async(&mut redis)
            .await
            .unwrap();
        write!(all, "{value:?}").unwrap();
    }
    assert!(
        all.contains("submitted-rows"),
        "the rows are among what was read"
    );
    let log = api.server.log();
    for secret in secrets {
        assert!(!all.contains(secret), "{secret} is in Redis");
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

async fn results(api: &Api, key: &str, id: &str) -> Vec<Value> {
    let answer = api
        .get(&format!("/v1/batches/{id}/results.ndjson"), key)
        .await;
    assert_eq!(answer.headers["content-type"], "application/x-ndjson");
    let lines = answer.text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_taken_row_by_row_and_can_be_sent_again() {
    let world = World::new().await;
    let acme = key(&world, &["--tenant", "acme", "--role", "submit,read"]).await;
    let api = Api::start(&world, &[]).await;
    // As a spreadsheet writes it, with one row that is broken and one whose own key is used twice.
    let file = "\u{feff}BVN;Surname;Ref;Idempotency key\r\n\
                22212345061;Okafor;-loan-1;\r\n\
                2.22E+10;Eze;loan-2;\r\n\
                \r\n\
                22212345062;Bello;loan-3;once\r\n\
                22212345063;Musa;loan-4;once\r\n";
    let sent = send(
        &api,
        "/v1/batches?name=loans.csv",
        &acme,
        "loans",
        CSV,
        file,
    )
    .await;
    assert_eq!(sent.status, 202, "{sent:?}");
    let report = sent.json();
    let id = report["id"].as_str().unwrap().to_owned();
    assert_eq!(sent.headers["location"], format!("/v1/batches/{id}"));
    let counts = |report: &Value| {
        ["rows", "submitted", "existing", "refused"].map(|name| report[name].as_u64().unwrap())
    };
    assert_eq!(counts(&report), [4, 2, 0, 2], "{report}");
    let error = |nth: usize, of: &str| report["errors"][nth][of].clone();
    assert_eq!(
        (error(0, "line"), error(0, "field")),
        (json!(3), json!("bvn")),
        "{report}"
    );
    assert!(
        error(0, "problem")
            .as_str()
            .unwrap()
            .contains("scientific notation")
    );
    assert_eq!(
        (error(1, "line"), error(1, "field")),
        (json!(6), json!("idempotency_key"))
    );
    assert!(!report.to_string().contains("Musa") && !report.to_string().contains("2221234506"));

    // The same file again, with its broken rows corrected, and with another API key of the tenant.
    let corrected = file
        .replace("2.22E+10", "22212345064")
        .replace("Musa;loan-4;once", "Musa;loan-4;");
    let again = send(&api, "/v1/batches", &acme, "loans", CSV, &corrected)
        .await
        .json();
    assert_eq!(again["id"], id.as_str());
    assert_eq!(counts(&again), [4, 2, 2, 0], "{again}");
    let third = send(&api, "/v1/batches", &acme, "loans", CSV, &corrected)
        .await
        .json();
    assert_eq!(counts(&third), [4, 0, 4, 0], "{third}");
    // Wherever a row stands, it is the same one: without its neighbours, and with others before it.
    let lines: Vec<&str> = corrected.split("\r\n").collect();
    let shorter = [&lines[..1], &lines[3..]].concat().join("\r\n");
    let fourth = send(&api, "/v1/batches", &acme, "loans", CSV, &shorter)
        .await
        .json();
    assert_eq!(counts(&fourth), [2, 0, 2, 0], "{fourth}");
    let shown = api.get(&format!("/v1/batches/{id}"), &acme).await.json();
    assert_eq!(shown["rows"], 2, "{shown}");
    let fifth = send(&api, "/v1/batches", &acme, "loans", CSV, &corrected)
        .await
        .json();
    assert_eq!(counts(&fifth), [4, 0, 4, 0], "{fifth}");

    let secrets = [
        "22212345061",
        "2221234506",
        "Okafor",
        "Adeyemi",
        "Eze",
        "once",
        "row 1",
    ];
    is_private(&world, &api, &secrets).await;
    let before = api.get(&format!("/v1/batches/{id}"), &acme).await.json();
    assert_eq!(
        (&before["state"], &before["waiting"]),
        (&json!("running"), &json!(4)),
        "{before}"
    );
    assert_eq!(
        before["waits"],
        json!([{"kind": "bvn", "rows": 4, "why": "inbox"}])
    );
    let _worker = world.worker("one", &[]).await;
    let batch = ended(&api, &acme, &id).await;
    assert_eq!(batch["name"], "loans.csv");
    assert_eq!(batch["completed"], 4, "{batch}");
    let verdicts: u64 = batch["verdicts"]
        .as_object()
        .unwrap()
        .values()
        .map(|count| count.as_u64().unwrap())
        .sum();
    assert_eq!(verdicts, 4);

    let rows = results(&api, &acme, &id).await;
    let column = |name: &str| -> Vec<Value> { rows.iter().map(|row| row[name].clone()).collect() };
    assert_eq!(column("line"), [2, 3, 5, 6]);
    assert_eq!(
        column("reference"),
        ["-loan-1", "loan-2", "loan-3", "loan-4"]
    );
    assert_eq!(rows[0]["number"], "********061", "{rows:?}");
    for row in &rows {
        let known = api
            .get(
                &format!(
                    "/v1/verifications/{}",
                    row["verification"].as_str().unwrap()
                ),
                &acme,
            )
            .await
            .json();
        for (of_row, of_known) in [
            ("reference", "reference"),
            ("verdict", "verdict"),
            ("state", "state"),
            ("number", "number"),
        ] {
            assert_eq!(row[of_row], known[of_known], "{row} {known}");
        }
    }
    let table = api
        .get(&format!("/v1/batches/{id}/results.csv"), &acme)
        .await;
    assert!(
        table.headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/csv")
    );
    let lines: Vec<&str> = table.text.split("\r\n").collect();
    assert!(
        lines[0].starts_with("line,reference,kind,number,"),
        "{table:?}"
    );
    assert!(
        lines[1].starts_with("2,'-loan-1,bvn,********061,"),
        "{table:?}"
    );
    assert_eq!(lines.len(), 6);

    let list = api.get("/v1/batches", &acme).await.json();
    assert_eq!(list["batches"][0]["id"], id.as_str(), "{list}");
    // Another API key of the tenant makes a batch of its own. A worker recognises its rows, and calls for none again.
    let second = key(&world, &["--tenant", "acme", "--role", "submit,read"]).await;
    let calls = calls_of(&world);
    let again = send(&api, "/v1/batches", &second, "loans", CSV, &corrected)
        .await
        .json();
    assert_ne!(again["id"], id.as_str());
    let batch = ended(&api, &second, again["id"].as_str().unwrap()).await;
    assert_eq!(batch["completed"], 4, "{batch}");
    assert_eq!(calls_of(&world), calls);
    let firsts = column("verification");
    let rows = results(&api, &second, again["id"].as_str().unwrap()).await;
    assert_eq!(
        rows.iter()
            .map(|row| row["verification"].clone())
            .collect::<Vec<_>>(),
        firsts
    );

    // To another tenant there is no such batch.
    let other = key(&world, &["--tenant", "other", "--role", "submit,read"]).await;
    for path in ["", "/results.csv", "/results.ndjson"] {
        let answer = api.get(&format!("/v1/batches/{id}{path}"), &other).await;
        answer.is_problem(404, "not-found");
    }
    let list = api.get("/v1/batches", &other).await.json();
    assert_eq!(list["batches"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_tells_what_a_file_would_do_and_cost() {
    let world = World::new().await;
    let acme = key(&world, &["--tenant", "acme", "--role", "submit,read"]).await;
    let api = Api::start(&world, &[("reuse", "bvn=1h")]).await;
    let good = world.run(["limits", "set", "bvn", "--rate", "1/1m"]).await;
    good.good();
    let file = "kind,number,reference\nbvn,22212345061,a\nbvn,22212345061,b\nnin,123,c\nbvn,22212345062,d\ncac,RC1234,e\n";
    let answer = send(&api, "/v1/batches?dry_run=true", &acme, "", CSV, file).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let trial = answer.json();
    for (name, count) in [
        ("rows", 5),
        ("valid", 3),
        ("refused", 2),
        ("duplicates", 1),
        ("calls", 2),
        ("reusable", 0),
    ] {
        assert_eq!(trial[name], count, "{name}: {trial}");
    }
    let done: jiff::Timestamp = trial["done_by"].as_str().unwrap().parse().unwrap();
    let ahead = done.duration_since(jiff::Timestamp::now()).as_secs();
    assert!((30..=120).contains(&ahead), "{ahead}: {trial}");
    assert_eq!(
        api.get("/v1/batches", &acme).await.json()["batches"],
        json!([])
    );
    world.run(["queue", "pause", "bvn"]).await.good();
    let trial = send(&api, "/v1/batches?dry_run=true", &acme, "", CSV, file)
        .await
        .json();
    assert_eq!(trial["done_by"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_used_are_refused_in_words() {
    let world = World::new().await;
    let acme = key(&world, &["--tenant", "acme", "--role", "submit,read"]).await;
    let api = Api::start(&world, &[]).await;
    for (path, name, media_type, file, status, kind, said) in [
        (
            "",
            "a",
            CSV,
            "bvn,refernce\n1,2\n",
            422,
            "invalid-batch",
            "perhaps reference was meant",
        ),
        (
            "",
            "a",
            CSV,
            "22212345061,Ada\n",
            422,
            "invalid-batch",
            "holds no names of columns",
        ),
        (
            "",
            "a",
            CSV,
            "PK\u{3}\u{4}rest",
            422,
            "invalid-batch",
            "workbook",
        ),
        ("", "a", CSV, "bvn\n", 422, "invalid-batch", "has no rows"),
        ("", "a", CSV, "", 422, "invalid-batch", "has no rows"),
        (
            "",
            "",
            CSV,
            "bvn\n22212345061\n",
            400,
            "invalid-request",
            "Idempotency-Key is missing",
        ),
        (
            "",
            "a",
            "application/json",
            "{}",
            415,
            "unsupported-media-type",
            "text/csv",
        ),
        (
            "",
            "a",
            "text/csv; charset=windows-1252",
            "bvn\n1",
            415,
            "unsupported-media-type",
            "UTF-8",
        ),
        (
            "?kind=bvm",
            "a",
            CSV,
            "number\n1",
            400,
            "invalid-request",
            "write one of",
        ),
        (
            "?dry_run=yes",
            "a",
            CSV,
            "bvn\n1",
            400,
            "invalid-request",
            "dry_run",
        ),
        (
            "?dryrun=true",
            "a",
            CSV,
            "bvn\n1",
            400,
            "invalid-request",
            "unknown field",
        ),
    ] {
        let answer = send(
            &api,
            &format!("/v1/batches{path}"),
            &acme,
            name,
            media_type,
            file,
        )
        .await;
        let problem = answer.is_problem(status, kind);
        assert!(problem.to_string().contains(said), "{said}: {problem}");
    }
    let table = send(
        &api,
        "/v1/batches?kind=bvn&priority=low",
        &acme,
        "b",
        "application/x-ndjson",
        "{\"bvn\": \"22212345061\"}\nnot json\n",
    )
    .await;
    let report = table.json();
    assert_eq!(
        (&report["submitted"], &report["errors"][0]["line"]),
        (&json!(1), &json!(2)),
        "{report}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_cancelled_before_and_after_workers_accept_its_rows() {
    let world = World::new().await;
    let acme = key(&world, &["--tenant", "acme", "--role", "submit,read"]).await;
    let api = Api::start(&world, &[]).await;
    world.run(["queue", "pause", "bvn"]).await.good();
    let rows: String = (0..700)
        .map(|nth| format!("{}\n", 22_212_345_000_u64 + nth))
        .collect();
    let file = format!("bvn\n{rows}");
    let id = send(&api, "/v1/batches", &acme, "many", CSV, &file)
        .await
        .json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let worker = world.worker("one", &[]).await;
    // Some are accepted, and some are not.
    let is_accepted = async || {
        let known = api.get("/v1/verifications?limit=1", &acme).await.json();
        !known["verifications"].as_array().unwrap().is_empty()
    };
    while !is_accepted().await {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let cancelled = api
        .post(&format!("/v1/batches/{id}/cancel"), &acme, &Value::Null)
        .await;
    assert_eq!(cancelled.status, 200, "{cancelled:?}");
    let batch = cancelled.json();
    assert_eq!(
        (&batch["state"], &batch["cancelled"]),
        (&json!("cancelled"), &json!(700)),
        "{batch}"
    );
    world.run(["queue", "resume", "bvn"]).await.good();
    let more = send(&api, "/v1/batches", &acme, "many", CSV, &file).await;
    more.is_problem(409, "wrong-state");
    assert_eq!(calls_of(&world), 0);
    drop(worker);
}
