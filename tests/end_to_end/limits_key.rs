//! The provider refuses the key for one kind: an alert is raised, no job dies, and all complete once the kind is resumed.

use kyc_domain::VerificationId;
use kyc_queue::State;
use kyc_sandbox::{Retry, Trouble};
use kyc_tests::{Job, World, eventually};

use crate::{limits_cli::row, page::Port};

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_key_raises_an_alert_and_all_jobs_complete_after_the_resume() {
    const JOBS: usize = 40;
    let world = World::new().await;
    let queue = world.queue().await;
    world
        .sandbox()
        .trouble(Trouble::status(401, Retry::Unsaid).of("bvn"));
    let (worker, port) = Port::worker(&world, "worker", &[]).await;
    let mut ids: Vec<VerificationId> = Vec::new();
    for nth in 0..JOBS {
        let job = Job::new("bvn", &format!("222{nth:05}000"));
        ids.push(world.enqueue(&queue, &job).await);
    }
    eventually("all are ready again", async || {
        let depths = queue.depths(&["bvn"]).await.unwrap();
        let parked = queue.parked(&["bvn"]).await.unwrap();
        (depths.ready["bvn"] == JOBS as u64 && parked.len() == 1).then_some(())
    })
    .await;
    // The alert is shown in every place.
    let log = worker.log();
    let alert = log.lines().find(|line| line.contains("ERROR"));
    let alert = alert.unwrap_or_else(|| panic!("no alert in: {log}"));
    assert!(
        alert.contains("Parked a kind until it is resumed"),
        "{alert}"
    );
    let parked = "kyc_queue_parked{kind=\"bvn\",reason=\"key_refused\"}";
    port.reaches(parked, 1.0).await;
    let (text, told) = row(&world, "bvn").await;
    assert_eq!(told["closed"]["reason"], "key_refused");
    assert_eq!(told["waiting"], JOBS);
    assert!(text.contains("kyc limits resume bvn"), "{text}");
    let calls = world.sandbox().arrivals("bvn").len();
    let nin = world.enqueue(&queue, &Job::of_case("nin", "000")).await;
    assert_eq!(world.end_of(&queue, nin).await.state, State::Completed);
    assert_eq!(
        world.sandbox().arrivals("bvn").len(),
        calls,
        "no further call"
    );

    world.sandbox().clear();
    world.run(["limits", "resume", "bvn"]).await.good();
    for id in ids {
        let done = world.end_of(&queue, id).await;
        assert_eq!((done.state, done.attempts), (State::Completed, 1));
    }
    port.reaches(parked, 0.0).await;
    world.nothing_left(&queue).await;
}
