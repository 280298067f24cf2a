//! What lies in Redis and is put in the place of something else is refused, and nothing of the other is shown.

use kyc_domain::{Class, Failure, VerificationId};
use kyc_kinds::{Rules, parse};
use kyc_queue::{Config, Error, Leave, Queue, Reuse, State, Verification};
use redis::{AsyncCommands as _, aio::MultiplexedConnection};
use serde_json::json;

use crate::{
    reuse::{Provider, case_with, same},
    support::{Case, Handler, eventually, failed, found, handler, request, start, worker},
};

/// A worker's handler that opens its job, as the pipeline does, and answers without a call.
fn opening(case: &Case) -> Handler {
    let vault = case.queue.vault().clone();
    handler(move |job| {
        let vault = vault.clone();
        async move {
            if let Err(error) = job.open(&vault) {
                return Err(Failure::new(Class::Hopeless, "refused", error.to_string()));
            }
            let before = job.calls_before();
            match job.into_leave() {
                Leave::Call(slot) => {
                    slot.spend().await.unwrap();
                    Ok(found(before, 0))
                }
                Leave::Reuse(_) | Leave::Reread(_) => Err(failed(Class::Internal)),
            }
        }
    })
}

async fn field(
    raw: &mut MultiplexedConnection,
    case: &Case,
    id: VerificationId,
    name: &str,
) -> Vec<u8> {
    raw.hget(case.key(&format!("job:{id}")), name)
        .await
        .unwrap()
}

async fn put(
    raw: &mut MultiplexedConnection,
    case: &Case,
    id: VerificationId,
    name: &str,
    value: &[u8],
) {
    let key = case.key(&format!("job:{id}"));
    let () = raw.hset(key, name, value).await.unwrap();
}

/// Waits until a job is dead. Its list entry shows that; looking into it is refused.
async fn dead(case: &Case, id: VerificationId) -> Verification {
    eventually("the job is dead", async || {
        let listed = case.queue.look_at(&[id]).await.unwrap();
        listed.into_iter().find(|known| known.state == State::Dead)
    })
    .await
}

/// Jobs that differ from `one` in one thing each: the number, the tenant, the kind.
async fn three(case: &Case) -> [(VerificationId, &'static str); 3] {
    let mut ids = Vec::new();
    for (kind, tenant) in [("bvn", "acme"), ("bvn", "evil"), ("nin", "acme")] {
        let job = request(kind, 2, json!({ "tenant": tenant }));
        ids.push(case.enqueue(&job).await.id);
    }
    [
        (ids[0], "another verification"),
        (ids[1], "another tenant"),
        (ids[2], "another kind"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_a_waiting_job_in_the_place_of_anothers_is_refused() {
    let case = Case::start().await;
    let mut raw = case.raw().await;
    let mut changed = Vec::new();
    for (other, whose) in three(&case).await {
        for part in ["request", "key", "header"] {
            let job = request("bvn", 1, json!({ "tenant": "acme" }));
            let id = case.enqueue(&job).await.id;
            let theirs = field(&mut raw, &case, other, part).await;
            put(&mut raw, &case, id, part, &theirs).await;
            changed.push((id, format!("the {part} of {whose}")));
        }
    }
    // Both that belong together: the request opens for its own verification alone.
    let (other, _) = three(&case).await[0];
    let id = case
        .enqueue(&request("bvn", 1, json!({ "tenant": "acme" })))
        .await
        .id;
    for part in ["request", "key", "header"] {
        let theirs = field(&mut raw, &case, other, part).await;
        put(&mut raw, &case, id, part, &theirs).await;
    }
    changed.push((id, "everything of another verification".to_owned()));
    for (id, what) in &changed {
        for error in [
            case.queue.request(*id).await.unwrap_err(),
            case.queue.data_key(*id).await.unwrap_err(),
        ] {
            let is_named = matches!(error, Error::Sealed(_) | Error::Changed { .. });
            assert!(is_named, "{what}: {error}");
        }
    }
    let worker = start(&case.queue, worker("a"), opening(&case));
    for (id, what) in changed {
        let known = dead(&case, id).await;
        assert_eq!(
            (known.state, known.code.as_deref()),
            (State::Dead, Some("refused")),
            "{what}"
        );
        let sentence = known.sentence.unwrap();
        let says = ["does not open", "was changed"]
            .iter()
            .any(|words| sentence.contains(words));
        assert!(says, "{what}: {sentence}");
    }
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_value_of_a_header_is_the_one_that_was_accepted() {
    let case = Case::start().await;
    let mut raw = case.raw().await;
    let terms = json!({ "tenant": "acme", "priority": "low", "reference": "loan-1", "deadline": "2099-01-01T00:00:00Z" });
    let mut changed = Vec::new();
    for (from, to) in [
        (r#""tenant":"acme""#, r#""tenant":"evil""#),
        (r#""kind":"bvn""#, r#""kind":"nin""#),
        (r#""priority":"low""#, r#""priority":"high""#),
        (r#""reference":"loan-1""#, r#""reference":"loan-2""#),
        (r#""deadline":4"#, r#""deadline":5"#),
        (r#""number":"********"#, r#""number":"1*******"#),
        ("}", r#","max_attempts":99}"#),
    ] {
        let id = case.enqueue(&request("bvn", 1, terms.clone())).await.id;
        let header = String::from_utf8(field(&mut raw, &case, id, "header").await).unwrap();
        let other = header.replacen(from, to, 1);
        assert_ne!(header, other, "{from}");
        put(&mut raw, &case, id, "header", other.as_bytes()).await;
        changed.push((id, to));
    }
    let worker = start(&case.queue, worker("a"), opening(&case));
    for (id, what) in changed {
        let code = dead(&case, id).await.code;
        assert_eq!(code.as_deref(), Some("refused"), "{what}");
    }
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_outcome_of_another_is_not_shown() {
    let case = Case::start().await;
    let mut raw = case.raw().await;
    let own = case
        .enqueue(&request("bvn", 1, json!({ "tenant": "acme" })))
        .await
        .id;
    let others = three(&case).await;
    let worker = start(&case.queue, worker("a"), opening(&case));
    for id in others.map(|(id, _)| id).into_iter().chain([own]) {
        case.completed(id).await;
    }
    worker.stop().await;
    let (outcome, key) = (
        field(&mut raw, &case, own, "outcome").await,
        field(&mut raw, &case, own, "key").await,
    );
    for (other, whose) in others {
        for parts in [&["outcome"][..], &["key"], &["outcome", "key"]] {
            for part in parts {
                let theirs = field(&mut raw, &case, other, part).await;
                put(&mut raw, &case, own, part, &theirs).await;
            }
            let refused = case.queue.look(own).await.unwrap_err();
            assert!(
                matches!(refused, Error::Sealed(_)),
                "{parts:?} of {whose}: {refused}"
            );
            put(&mut raw, &case, own, "outcome", &outcome).await;
            put(&mut raw, &case, own, "key", &key).await;
        }
    }
    // Another part of the same verification is no outcome either.
    let request = field(&mut raw, &case, own, "request").await;
    put(&mut raw, &case, own, "outcome", &request).await;
    assert!(matches!(case.queue.look(own).await, Err(Error::Sealed(_))));
    put(&mut raw, &case, own, "outcome", &outcome).await;
    assert!(case.look(own).await.outcome.is_some());
    // A verdict in the open that is not the sealed one.
    let progress = String::from_utf8(field(&mut raw, &case, own, "progress").await).unwrap();
    let forged = progress.replace(r#""verdict":"found""#, r#""verdict":"match""#);
    assert_ne!(progress, forged);
    put(&mut raw, &case, own, "progress", forged.as_bytes()).await;
    let refused = case.queue.look(own).await.unwrap_err();
    assert!(matches!(refused, Error::Changed { .. }), "{refused}");
}

/// Points a waiting job's coalescing key to a verification of somebody else, as whoever can write Redis could.
#[tokio::test(flavor = "multi_thread")]
async fn the_answer_of_another_tenant_kind_or_number_is_not_reused() {
    let hour = std::time::Duration::from_secs(3600);
    let reuse = Reuse::default()
        .with("bvn", None, hour)
        .with("nin", None, hour);
    let case = case_with(reuse).await;
    let provider = Provider::new();
    let others = three(&case).await;
    let worker = start(&case.queue, worker("a"), provider.handler(&case.queue));
    for (id, _) in others {
        case.completed(id).await;
    }
    let first = case.enqueue(&same(json!({ "tenant": "acme" }))).await.id;
    case.completed(first).await;
    let mut raw = case.raw().await;
    let header = field(&mut raw, &case, first, "header").await;
    let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
    let pointer = case.key(&format!(
        "answer:{}",
        header["coalescing"]["index"].as_str().unwrap()
    ));
    let mine: String = raw.get(&pointer).await.unwrap();
    for (other, whose) in others {
        let calls = provider.asked();
        let forged = mine.replace(&first.to_string(), &other.to_string());
        let () = raw.set(&pointer, forged).await.unwrap();
        let id = case.enqueue(&same(json!({ "tenant": "acme" }))).await.id;
        let known = case.completed(id).await;
        let reused = known.outcome.unwrap().reused;
        assert!(reused.is_none(), "the answer of {whose} was reused");
        assert_eq!(provider.asked(), calls + 1, "{whose}");
    }
    // Its own is.
    let id = case.enqueue(&same(json!({ "tenant": "acme" }))).await.id;
    assert!(case.completed(id).await.outcome.unwrap().reused.is_some());
    worker.stop().await;
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connecting_with_other_keys_changes_nothing() {
    let case = Case::start().await;
    let mut raw = case.raw().await;
    let before: Vec<u8> = raw.get(case.key("index-key")).await.unwrap();
    let (config, keys) = case.address();
    let newer = kyc_vault::Keyring::generate("newer").unwrap();
    let both = format!("{newer},{keys}");
    let queue = open(&config, &both).await.unwrap();
    assert_eq!(
        raw.get::<_, Vec<u8>>(case.key("index-key")).await.unwrap(),
        before
    );
    // What only the newer key opens is refused to whoever has the older one, by name.
    assert!(
        queue
            .rewrap(|job| parse(job, Rules::default()), |_| ())
            .await
            .unwrap()
            .index_key
    );
    let refused = open(&config, &keys).await.err().unwrap();
    assert!(
        refused.to_string().contains("sealed with key `newer`"),
        "{refused}"
    );
    assert!(open(&config, &newer).await.is_ok());
}

async fn open(config: &Config, keys: &str) -> Result<Queue, Error> {
    let keyring = kyc_vault::Keyring::parse(keys).unwrap();
    Queue::connect(config.clone(), kyc_vault::Vault::new(keyring)).await
}
