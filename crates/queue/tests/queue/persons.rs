//! The index of persons: by each of their numbers all their verifications are found, and nobody else's.

use std::collections::BTreeSet;

use kyc_domain::{NumberType, Outcome, Person, Record, Request, TypedNumber, VerificationId};
use kyc_kinds::{Rules, parse};
use kyc_queue::{Error, Leased, Queue, Reuse};
use kyc_vault::{PublicKey, Vault};
use redis::{AsyncCommands as _, aio::MultiplexedConnection};
use serde_json::json;

use crate::{
    reuse::{case_with, same},
    support::{Case, found, handler, request, start, worker},
};

pub(crate) const BVN: &str = "22212345678";
pub(crate) const NIN: &str = "12345678901";

/// A job of the tenant, about that person.
pub(crate) fn about(tenant: &str, kind: &str, number: &str, claims: &serde_json::Value) -> Request {
    let mut job = json!({"kind": kind, "tenant": tenant, "claims": claims});
    job[kind] = number.into();
    parse(job.to_string().as_bytes(), Rules::default()).unwrap()
}

/// An outcome with the record of that person.
pub(crate) fn record() -> Outcome {
    let person = Person {
        bvn: Some(BVN.into()),
        nin: Some(NIN.into()),
        phones: vec!["+234 803 123 4567".into(), "0704 000 0001".into()],
        ..Person::default()
    };
    let mut outcome = found(0, 0);
    outcome.record = Some(Record::Person(Box::new(person)));
    outcome
}

pub(crate) async fn find(queue: &Queue, tenant: &str, number: &str) -> Vec<VerificationId> {
    let (of, number) = number.split_once(':').unwrap();
    let number = TypedNumber::parse(NumberType::named(of).unwrap(), number).unwrap();
    queue.find_person(tenant, &number).await.unwrap()
}

/// The keys of the index of persons.
pub(crate) async fn indexes(raw: &mut MultiplexedConnection) -> Vec<String> {
    raw.keys("{kyc}:person*").await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_found_by_each_number_of_a_tenants_verifications() {
    let case = Case::start().await;
    let first = about("acme", "bvn", BVN, &json!({"phone": "08031234567"}));
    let first = case.enqueue(&first).await.id;
    let second = case
        .enqueue(&about("acme", "nin", NIN, &json!({})))
        .await
        .id;
    let other = case
        .enqueue(&about("other", "bvn", BVN, &json!({})))
        .await
        .id;
    let nobody = case.enqueue(&request("bvn", 7, json!({}))).await.id;
    // By the numbers of the request, before any call.
    let of = async |tenant: &str, number: &str| find(&case.queue, tenant, number).await;
    assert_eq!(of("acme", &format!("bvn:{BVN}")).await, [first]);
    assert_eq!(of("acme", "phone:+2348031234567").await, [first]);
    assert_eq!(of("acme", &format!("nin:{NIN}")).await, [second]);

    let worker = start(
        &case.queue,
        worker("one"),
        handler(|job: Leased| async move {
            if job.kind() == "bvn" && job.tenant() != "default" {
                Ok(record())
            } else {
                Ok(found(0, 0))
            }
        }),
    );
    for id in [first, second, other, nobody] {
        case.completed(id).await;
    }
    worker.stop().await;
    for (tenant, number, whose) in [
        ("acme", format!("bvn:{BVN}"), vec![first]),
        ("acme", format!("nin:{NIN}"), vec![second, first]),
        ("acme", "phone:08031234567".to_owned(), vec![first]),
        ("acme", "phone:07040000001".to_owned(), vec![first]),
        // What is of one type is not of another.
        ("acme", format!("nin:{BVN}"), vec![]),
        ("other", format!("nin:{NIN}"), vec![other]),
        ("default", format!("bvn:{BVN}"), vec![]),
    ] {
        // Ids of the same millisecond have no order.
        let (found, whose) = (of(tenant, &number).await, BTreeSet::from_iter(whose));
        let found = BTreeSet::from_iter(found);
        assert_eq!(found, whose, "{tenant} {number}");
    }
    // Lists know nothing of it, and the indexes go with the jobs.
    let mut raw = case.raw().await;
    let known: String = raw
        .hget(case.key("persons"), first.to_string())
        .await
        .unwrap();
    assert_eq!(known.split(' ').count(), 4, "{known}");
    let shown = serde_json::to_string(&case.look(first).await).unwrap();
    assert!(known.split(' ').all(|index| !shown.contains(index)));
    let header: String = raw
        .hget(case.key(&format!("job:{first}")), "header")
        .await
        .unwrap();
    assert!(known.split(' ').all(|index| !header.contains(index)));
    let discarded = case.queue.discard(&[first, second, other, nobody]).await;
    assert_eq!(discarded.unwrap(), 4);
    assert_eq!(indexes(&mut raw).await, Vec::<String>::new());
    case.done().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_indexes_of_a_job_go_when_its_retention_ends() {
    let case = Case::with(
        |config| config.keep_completed = std::time::Duration::from_millis(200),
        kyc_sandbox::redis::Options::default(),
    )
    .await;
    case.enqueue(&about("acme", "bvn", BVN, &json!({"phone": "08031234567"})))
        .await;
    let mut raw = case.raw().await;
    // Of two numbers, and what the job has of them.
    assert_eq!(indexes(&mut raw).await.len(), 3);
    let mut config = worker("one");
    config.lease = std::time::Duration::from_secs(2);
    let worker = start(&case.queue, config, handler(|_| async { Ok(record()) }));
    crate::support::eventually("its indexes are gone", async || {
        indexes(&mut case.raw().await)
            .await
            .is_empty()
            .then_some(())
    })
    .await;
    worker.stop().await;
}

/// A reused answer is about a person as well as the one that was paid for.
#[tokio::test(flavor = "multi_thread")]
async fn a_verification_with_a_reused_answer_is_found_by_its_record() {
    let window = std::time::Duration::from_secs(3600);
    let case = case_with(Reuse::default().with("bvn", None, window)).await;
    let worker = start(
        &case.queue,
        worker("one"),
        handler(|_| async { Ok(record()) }),
    );
    let mut ids = Vec::new();
    for _ in 0..2 {
        let id = case.enqueue(&same(json!({"tenant": "acme"}))).await.id;
        case.completed(id).await;
        ids.insert(0, id);
    }
    worker.stop().await;
    assert_eq!(find(&case.queue, "acme", &format!("nin:{NIN}")).await, ids);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_that_opens_nobody_is_found_and_the_error_says_so() {
    let case = Case::start().await;
    let public: PublicKey = case.queue.vault().public().unwrap();
    for vault in [Vault::without_keys(), Vault::sealing(&public)] {
        let queue = Queue::connect(case.config.clone(), vault).await.unwrap();
        let number = TypedNumber::parse(NumberType::Bvn, BVN).unwrap();
        let refused = queue.find_person("acme", &number).await.unwrap_err();
        assert!(matches!(refused, Error::Sealed(_)), "{refused}");
        assert!(!refused.to_string().contains(BVN));
    }
}
