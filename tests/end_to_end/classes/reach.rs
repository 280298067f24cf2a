//! A provider that cannot be reached: nothing is sent, so nothing can have been billed.

use kyc_queue::State;
use kyc_tests::{Job, World};
use tokio::net::{TcpSocket, TcpStream};

use super::{End::Dead, QUICK, ended, provider::Provider, settle};

/// Returns a port that is bound but does not listen.
fn taken() -> (TcpSocket, String) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    (socket, url)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_cannot_be_reached_is_tried_again_without_a_billable_call() {
    let plain = Provider::start().await;
    let (_taken, refusing) = taken();
    // A listener that never accepts: its queue is full, and further connections are not answered.
    let (socket, silent) = taken();
    let address = socket.local_addr().unwrap();
    let _listener = socket.listen(0).unwrap();
    let _waiting = TcpStream::connect(address).await.unwrap();
    let mut world = World::without_sandbox("http://127.0.0.1:9");
    settle(&mut world, &QUICK);
    settle(&mut world, &[("check_provider", "false")]);
    let queue = world.queue().await;
    let over_tls = format!("https://127.0.0.1:{}", plain.port());
    let rows = [
        ("refused", "bvn", refusing.as_str(), &["connect"][..]),
        ("tls", "nin", &over_tls, &["connect"]),
        // The resolver may take a while to report that a name does not exist.
        (
            "dns",
            "passport",
            "https://radius.invalid",
            &["connect", "timeout_connect"],
        ),
        ("silent", "cac", &silent, &["timeout_connect"]),
    ];
    let mut all = Vec::new();
    for (what, kind, url, codes) in rows {
        let id = world.enqueue(&queue, &Job::of_case(kind, "000")).await;
        let settings = [("radius_url", url), ("kinds", kind)];
        all.push((what, codes, id, world.worker(what, &settings).await));
    }
    for (what, codes, id, worker) in all {
        let known = world.end_of(&queue, id).await;
        assert_eq!(known.state, State::Dead, "{what}: {known:?}");
        let code = known.code.as_deref().unwrap_or_default();
        let code = codes.iter().find(|known| **known == code);
        let code = code.unwrap_or_else(|| panic!("{what}: {known:?}"));
        ended(what, &known, Dead(code), 4, "transient");
        assert_eq!(
            (known.calls, known.unanswered_calls),
            (0, 0),
            "{what}: {known:?}"
        );
        assert!(
            known.history.iter().all(|attempt| attempt.status.is_none()),
            "{what}"
        );
        assert!(!worker.log().contains("Parked"), "{what}");
    }
    assert_eq!(plain.strangers(), 4, "one handshake for each attempt");
    assert!(
        queue
            .parked(&["bvn", "nin", "passport", "cac"])
            .await
            .unwrap()
            .is_empty()
    );
    world.nothing_left(&queue).await;
}
