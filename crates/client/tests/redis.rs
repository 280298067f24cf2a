//! The transport over a real Redis: what a producer adds, and what a consumer reads, resumes and misses.
#![expect(clippy::unwrap_used, reason = "an unexpected result fails the test")]

use kyc_client::{
    Authenticity, Job, PublicKey, ResultsKey, Trusted, redis::Error, redis::Producer,
    redis::Results,
};
use kyc_sandbox::redis::{Options, PrivateRedis};
use kyc_vault::{Keyring, Vault};
use redis::{
    AsyncCommands as _,
    aio::MultiplexedConnection,
    streams::{StreamId, StreamRangeReply},
};

/// A Redis, and the keys of an installation.
struct Case {
    server: PrivateRedis,
    vault: Vault,
}

impl Case {
    fn start() -> Self {
        let options = Options {
            binary: binary(),
            ..Options::default()
        };
        let keys = Keyring::generate("k1").unwrap();
        Self {
            server: PrivateRedis::start(options).unwrap(),
            vault: Vault::new(Keyring::parse(&keys).unwrap()),
        }
    }

    async fn connection(&self) -> MultiplexedConnection {
        kyc_client::redis::connect(&self.server.url())
            .await
            .unwrap()
    }

    /// A producer that knows the public key as an operator printed it.
    async fn producer(&self) -> Producer<MultiplexedConnection> {
        let printed = self.vault.public().unwrap().to_string();
        Producer::new(self.connection().await, PublicKey::parse(&printed).unwrap())
    }

    fn results_key(&self, tenant: &str) -> ResultsKey {
        self.vault.results_key(tenant, None).unwrap()
    }

    async fn entries(&self, stream: &str) -> Vec<StreamId> {
        let reply: StreamRangeReply = self.connection().await.xrange_all(stream).await.unwrap();
        reply.ids
    }

    /// Publishes a result as a worker does, and returns the id of its entry.
    async fn publish(&self, stream: &str, tenant: &str, reference: &str) -> String {
        let result = format!(
            r#"{{"id":"01J","kind":"bvn","tenant":"{tenant}","reference":"{reference}","state":"completed","verdict":"found","reasons":[]}}"#
        );
        let mac = self.results_key(tenant).sign(result.as_bytes());
        let fields = [("result", &result), ("mac", &mac)];
        self.connection()
            .await
            .xadd(stream, "*", &fields)
            .await
            .unwrap()
    }
}

/// The `redis-server` that the task installed, or the one on `PATH`.
#[expect(
    clippy::disallowed_methods,
    reason = "an environment variable names the server that tests use"
)]
fn binary() -> Option<std::path::PathBuf> {
    std::env::var_os("KYC_REDIS_SERVER").map(Into::into)
}

#[tokio::test]
async fn a_job_is_sealed_for_the_inbox_of_its_tenant() {
    let case = Case::start();
    let producer = case.producer().await;
    let job = Job::bvn("22212345061").reference("loan-2");
    let _: () = redis::cmd("XGROUP")
        .arg(&["CREATE", "{kyc}:inbox:acme", "pods", "$", "MKSTREAM"])
        .query_async(&mut case.connection().await)
        .await
        .unwrap();
    for (job, stream, tenant) in [
        (job.clone(), "{kyc}:inbox", "default"),
        (job.clone().tenant("acme"), "{kyc}:inbox:acme", "acme"),
    ] {
        let id = producer.add(&job).await.unwrap();
        let entries = case.entries(stream).await;
        assert_eq!(entries[0].id, id);
        let key: String = entries[0].get("key").unwrap();
        let sealed: Vec<u8> = entries[0].get("sealed").unwrap();
        assert_eq!(entries[0].map.len(), 2);
        let info = format!("kyc-inbox {tenant}");
        let opened = case
            .vault
            .open_message(&key, info.as_bytes(), &sealed)
            .unwrap();
        let opened: serde_json::Value = serde_json::from_slice(&opened).unwrap();
        assert_eq!(
            (&opened["bvn"], &opened["tenant"]),
            (&"22212345061".into(), &tenant.into())
        );
    }
    let other = producer.clone().queue("second");
    other.add(&job).await.unwrap();
    assert_eq!(case.entries("{second}:inbox").await.len(), 1);
}

#[tokio::test]
async fn what_nobody_would_read_or_accept_is_not_added() {
    let case = Case::start();
    let producer = case.producer().await;
    let unknown = producer
        .add(&Job::bvn("22212345061").tenant("unknown"))
        .await;
    let unknown = unknown.unwrap_err();
    assert!(matches!(unknown, Error::NoInbox) && !unknown.may_have_been_added());
    let wrong = producer.add(&Job::bvn("123")).await.unwrap_err();
    assert!(wrong.to_string().starts_with("bvn has 3 digits"), "{wrong}");
    let keys: Vec<String> = case.connection().await.keys("*").await.unwrap();
    assert_eq!(keys, Vec::<String>::new());
}

#[tokio::test]
async fn an_error_tells_whether_the_job_may_be_there() {
    let mut case = Case::start();
    let producer = case.producer().await;
    let job = Job::bvn("22212345061");
    let full: &[&[&str]] = &[&["SET", "maxmemory", "1"], &["SET", "maxmemory", "0"]];
    for words in full {
        let set = redis::cmd("CONFIG")
            .arg(words)
            .exec_async(&mut case.connection().await)
            .await;
        set.unwrap();
        let added = producer.add(&job).await;
        assert_eq!(added.is_err(), words[2] == "1");
        // A server that refuses has added nothing.
        let unclear = added.is_err_and(|error| error.may_have_been_added());
        assert!(!unclear);
    }
    case.server.kill().unwrap();
    let error = producer.add(&job).await.unwrap_err();
    assert!(error.may_have_been_added(), "{error}");
    let url = case.server.url();
    assert!(
        !error
            .to_string()
            .contains(url.trim_start_matches("redis://")),
        "{error}"
    );
}

#[tokio::test]
async fn a_reader_continues_where_it_was_and_trusts_its_own_key_alone() {
    let case = Case::start();
    let stream = "{kyc}:results:acme";
    let reader = async || {
        let trusted = Trusted::new().with("acme", case.results_key("acme"));
        Results::of("acme", case.connection().await, trusted)
    };
    let first = case.publish(stream, "acme", "one").await;
    let forged = [(
        "result",
        r#"{"tenant":"acme","state":"completed","verdict":"match"}"#,
    )];
    let _: String = case
        .connection()
        .await
        .xadd(stream, "*", &forged)
        .await
        .unwrap();
    let _: String = case
        .connection()
        .await
        .xadd(stream, "*", &[("x", "y")])
        .await
        .unwrap();
    let read = reader().await.next().await.unwrap();
    let told: Vec<_> = read
        .iter()
        .map(|entry| entry.authenticity.clone())
        .collect();
    assert_eq!(
        told,
        [
            Authenticity::Authentic,
            Authenticity::Forged,
            Authenticity::NoVerdict
        ]
    );
    assert_eq!(
        (read[0].id.as_str(), &*read[0].result.reference),
        (&*first, "one")
    );

    let mut later = reader().await.after(&read[2].id);
    assert!(later.next().await.unwrap().is_empty());
    case.publish(stream, "acme", "two").await;
    assert_eq!(later.next().await.unwrap()[0].result.reference, "two");
    // Of all tenants, only those whose keys it has are believed.
    case.publish("{kyc}:results", "acme", "three").await;
    case.publish("{kyc}:results", "other", "four").await;
    let trusted = Trusted::new().with("acme", case.results_key("acme"));
    let all = Results::of_all(case.connection().await, trusted)
        .next()
        .await
        .unwrap();
    let told: Vec<_> = all.iter().map(|entry| entry.authenticity.clone()).collect();
    assert_eq!(
        told,
        [
            Authenticity::Authentic,
            Authenticity::UnknownKey("k1".to_owned())
        ]
    );
}

#[tokio::test]
async fn a_reader_is_told_once_that_results_are_missing() {
    let case = Case::start();
    let stream = "{kyc}:results:acme";
    let first = case.publish(stream, "acme", "one").await;
    let second = case.publish(stream, "acme", "two").await;
    let third = case.publish(stream, "acme", "three").await;
    let reader = async |after: &str| {
        Results::of("acme", case.connection().await, Trusted::new()).after(after)
    };
    assert_eq!(reader(&first).await.next().await.unwrap().len(), 2);
    let _: u64 = case
        .connection()
        .await
        .xdel(stream, &[&first, &second])
        .await
        .unwrap();
    let mut behind = reader(&first).await;
    match behind.next().await {
        Err(Error::Missed { after, first: left }) => {
            assert_eq!((after, left), (first, third.clone()));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(behind.next().await.unwrap()[0].id, third);
    assert!(reader(&third).await.next().await.unwrap().is_empty());
    // From the beginning, nothing is missed.
    assert_eq!(reader("0").await.next().await.unwrap().len(), 1);
}
