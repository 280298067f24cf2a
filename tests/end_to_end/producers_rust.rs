//! The client for Rust, with the rights of a producer, against a real worker.

use kyc_client::{
    Authenticity, Claim, Job, PublicKey, ResultsKey, Trusted,
    redis::{Error, Producer, Results, connect},
};
use kyc_tests::{World, eventually_within};

use crate::tenants::user;

const LONG: std::time::Duration = std::time::Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_application_adds_a_job_and_trusts_its_result() {
    let world = World::new().await;
    let queue = world.queue().await;
    let _worker = world.worker("worker", &[("inbox", "sealed-only")]).await;
    for tenant in ["acme", "evil"] {
        world.run(["tenants", "add", tenant]).await.good();
    }
    let url = user(&world, &["--role", "producer", "--tenant", "acme"]).await;
    let public = world.run(["keys", "public"]).await.good();
    let results_key = world
        .run(["keys", "results", "--tenant", "acme"])
        .await
        .good();

    let public = PublicKey::parse(&public).unwrap();
    let producer = Producer::new(connect(&url).await.unwrap(), public);
    let job = Job::bvn("22200000000")
        .reference("loan-2")
        .idempotency_key("loan-2/bvn")
        .claim(Claim::LastName, "Okafor");
    let job = job.tenant("acme");
    // The second entry is the first one's job.
    producer.add(&job).await.unwrap();
    producer.add(&job).await.unwrap();
    let stranger = producer.add(&job.tenant("evil")).await;
    assert!(matches!(stranger, Err(Error::Forbidden)), "{stranger:?}");

    let trusted = Trusted::new().with("acme", ResultsKey::parse(&results_key).unwrap());
    let mut results = Results::of("acme", connect(&url).await.unwrap(), trusted);
    let mut read = Vec::new();
    eventually_within(
        LONG,
        "both entries are taken and the job is done",
        async || {
            read.extend(results.next().await.unwrap());
            let depths = queue.depths(&["bvn"]).await.unwrap();
            (!read.is_empty() && depths.inbox == 0).then_some(())
        },
    )
    .await;
    read.extend(results.next().await.unwrap());
    assert_eq!(read.len(), 1);
    let (result, authenticity) = (&read[0].result, &read[0].authenticity);
    assert_eq!(*authenticity, Authenticity::Authentic);
    assert_eq!(
        (
            &*result.reference,
            &*result.tenant,
            &*result.state,
            &*result.kind
        ),
        ("loan-2", "acme", "completed", "bvn")
    );
    assert!(result.sandbox && !result.verdict.is_empty() && !result.id.is_empty());
    world.nothing_left(&queue).await;
}
