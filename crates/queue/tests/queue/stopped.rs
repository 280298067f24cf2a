//! Scripts that stop anywhere. Redis does not undo what a script wrote before an error, so each script must leave the queue
//! in a state from which its repetition goes on, whatever others do to the jobs before that. Each is stopped at each of its
//! calls of Redis, in states in which it works.

use std::{collections::BTreeSet, time::Duration};

use kyc_queue::script_texts;
use redis::AsyncCommands as _;
use serde_json::{Value, json};

use crate::{
    stopped_deletions::delete,
    stopped_entries::accept_and_reject,
    stopped_submissions::submissions,
    support::{Act, DAY_MS, MANY, Play, SESSION, SETTLE_AGAIN, complete, lease, settle, words},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_stops_anywhere_loses_no_job_and_ends_or_calls_for_none_twice() {
    let (mut one, mut two, mut three) = tokio::join!(Play::start(), Play::start(), Play::start());
    let waiting = async {
        leases(&mut one).await;
        sweeps(&mut one).await;
        accept_and_reject(&mut one).await;
        submissions(&mut one).await;
    };
    let ending = async {
        completions(&mut two).await;
        failures(&mut two).await;
    };
    let by_hand = async {
        returns(&mut three).await;
        by_hand(&mut three).await;
        delete(&mut three).await;
    };
    tokio::join!(waiting, ending, by_hand);
    let stages = [one.stage, two.stage, three.stage];
    let stopped: usize = stages.iter().map(|stage| stage.stopped).sum();
    let scripts: BTreeSet<_> = stages
        .iter()
        .flat_map(|stage| &stage.scripts)
        .copied()
        .collect();
    println!("{} scripts, {stopped} stops", scripts.len());
    let all: BTreeSet<_> = script_texts().into_keys().collect();
    assert_eq!(scripts, all, "each script is among them");
    assert!(stopped > 5000, "{stopped}");
}

/// A time to come, in milliseconds.
const MANY_MS: &str = "3000000000000";

fn two_of_nin() -> [(&'static str, usize, Value); 2] {
    [
        ("nin", 1, json!({})),
        ("nin", 2, json!({"priority": "high"})),
    ]
}

/// A leader and two followers.
fn three_alike() -> [(&'static str, usize, Value); 3] {
    [1, 1, 1].map(|nth| ("bvn", nth, json!({})))
}

async fn leases(play: &mut Play) {
    play.with(&two_of_nin()).await;
    play.act(("lease", "ready"), lease(SESSION, 1, DAY_MS))
        .await;
    play.lease().await;
    play.act(("lease", "again"), lease(SESSION, 1, DAY_MS))
        .await;

    play.with(&three_alike()).await;
    play.act(("lease", "a leader"), lease(SESSION, 1, DAY_MS))
        .await;
    play.lease().await;
    let (first, key) = (play.ids[..1].to_vec(), play.coalescing_key(0).await);
    play.stage
        .done("complete", &complete(&first, "bvn", &[key]))
        .await;
    play.act(("lease", "cached"), lease(SESSION, 2, DAY_MS))
        .await;
}

async fn sweeps(play: &mut Play) {
    for (of, held) in [("stalled", "0"), ("stalled and held", "1")] {
        play.with(&two_of_nin()).await;
        play.lease().await;
        play.bury(SESSION).await;
        let mut asks = lease("two~1", 1, DAY_MS);
        held.clone_into(&mut asks[6]);
        play.act(("lease", of), asks.clone()).await;
        "0".clone_into(&mut asks[5]);
        play.act(("lease", "stalled too often"), asks).await;
    }
    // Twice stalled: quarantined.
    play.with(&two_of_nin()).await;
    for session in ["one~1", "two~1"] {
        play.stage.done("lease", &lease(session, 1, DAY_MS)).await;
        play.bury(session).await;
    }
    play.act(("lease", "quarantined"), lease("three~1", 1, DAY_MS))
        .await;

    let late = (jiff::Timestamp::now() + Duration::from_secs(3600)).to_string();
    let mut jobs = two_of_nin().to_vec();
    jobs.extend(three_alike());
    for job in &mut jobs {
        job.2["deadline"] = late.clone().into();
    }
    play.with(&jobs).await;
    let (stage, ids) = (&mut play.stage, play.ids.clone());
    for id in &ids {
        stage
            .raw
            .zadd::<_, _, _, ()>("{kyc}:deadlines", id, 1)
            .await
            .unwrap();
    }
    play.act(("lease", "past their deadlines"), lease(SESSION, 1, DAY_MS))
        .await;

    play.with(&jobs).await;
    play.lease().await;
    for id in &play.ids[..3] {
        play.stage
            .done("settle", &settle(id, "retry", "transient", "http_599", "0"))
            .await;
        play.stage
            .raw
            .zadd::<_, _, _, ()>("{kyc}:scheduled", id, 1)
            .await
            .unwrap();
    }
    play.act(("lease", "scheduled"), lease(SESSION, 2, DAY_MS))
        .await;

    play.with(&two_of_nin()).await;
    play.lease().await;
    let renew = words(&[SESSION, DAY_MS, "1", "3", "0", DAY_MS, MANY]);
    play.act(("renew", "leases that only Redis knows"), renew)
        .await;
}

async fn completions(play: &mut Play) {
    play.with(&two_of_nin()).await;
    play.lease().await;
    let arguments = complete(&play.ids, "nin", &[]);
    play.act_again_at(3, ("complete", "leased"), arguments.clone())
        .await;
    play.bury(SESSION).await;
    let mut none = lease("two~1", 1, DAY_MS);
    "0".clone_into(&mut none[3]);
    play.stage.done("lease", &none).await;
    play.act_again_at(3, ("complete", "late"), arguments).await;

    play.with(&three_alike()).await;
    play.lease().await;
    let (first, key) = (play.ids[..1].to_vec(), play.coalescing_key(0).await);
    let arguments = complete(&first, "bvn", std::slice::from_ref(&key));
    play.act_again_at(3, ("complete", "with followers"), arguments.clone())
        .await;
    play.stage
        .raw
        .hset::<_, _, _, ()>("{kyc}:limiter:bvn", "pauses", 1)
        .await
        .unwrap();
    let mut seen = arguments;
    "1".clone_into(&mut seen[9]);
    play.act_again_at(3, ("complete", "a probe"), seen).await;
}

async fn failures(play: &mut Play) {
    for verb in ["retry", "hold", "keep", "park", "dead"] {
        for (of, failures) in [("one", "0"), ("the circuit opens", "1")] {
            play.with(&two_of_nin()).await;
            play.lease().await;
            let arguments = settle(
                &play.ids[0].clone(),
                verb,
                "transient",
                "http_599",
                failures,
            );
            play.act_again_at(SETTLE_AGAIN, ("settle", of), arguments)
                .await;
        }
    }
    for more in [json!({}), json!({"max_attempts": 3})] {
        let mut jobs = three_alike();
        jobs[1].2 = more;
        play.with(&jobs).await;
        play.lease().await;
        let leader = play.ids[0].clone();
        let arguments = settle(&leader, "dead", "transient", "http_599", "0");
        play.act_again_at(SETTLE_AGAIN, ("settle", "dead with followers"), arguments)
            .await;
        let arguments = settle(&leader, "dead", "transient", "deadline_passed", "0");
        play.act_again_at(SETTLE_AGAIN, ("settle", "dead alone"), arguments)
            .await;
    }
}

async fn returns(play: &mut Play) {
    for (of, sent, hold) in [("unsent", "0", "0"), ("sent", "1", "0"), ("held", "1", "1")] {
        play.with(&two_of_nin()).await;
        play.lease().await;
        let id = play.ids[0].clone();
        let release = words(&[SESSION, "1", &id, sent, "1", "0", hold, "0"]);
        play.act(("release", of), release).await;
    }
    play.with(&two_of_nin()).await;
    play.lease().await;
    play.act(
        ("leave", "leases that did not arrive"),
        words(&[SESSION, "0"]),
    )
    .await;
    play.with(&three_alike()).await;
    play.lease().await;
    play.act(("leave", "a leader"), words(&[SESSION, "0"]))
        .await;
}

async fn by_hand(play: &mut Play) {
    // Wherever it is, and if it is where it was seen.
    let cancel = |id: &String| words(&[id, DAY_MS, MANY, "", "0"]);
    let seen = |id: &String, place: &str| words(&[id, DAY_MS, MANY, place, MANY_MS]);
    play.with(&three_alike()).await;
    for nth in [0, 1] {
        let id = play.ids[nth].clone();
        play.act(("cancel", "waiting"), cancel(&id)).await;
        play.act(("cancel", "seen waiting"), seen(&id, "waiting"))
            .await;
    }
    play.lease().await;
    let id = play.ids[0].clone();
    play.act(("cancel", "leased"), cancel(&id)).await;
    play.act(("cancel", "seen leased"), seen(&id, "running"))
        .await;

    play.with(&two_of_nin()).await;
    play.lease().await;
    let ids = play.ids.clone();
    play.stage
        .done(
            "settle",
            &settle(&ids[0], "hold", "transient", "http_599", "0"),
        )
        .await;
    play.stage
        .done(
            "settle",
            &settle(&ids[1], "retry", "transient", "http_599", "0"),
        )
        .await;
    play.act(
        ("retry", "held and scheduled"),
        words(&["", "0", &ids[0], &ids[1]]),
    )
    .await;
    for (id, place) in ids.iter().zip(["needs_decision", "scheduled"]) {
        play.act(("cancel", "held or scheduled"), cancel(id)).await;
        play.act(("cancel", "seen held or scheduled"), seen(id, place))
            .await;
        let retry = words(&[place, MANY_MS, id]);
        play.act(("retry", "seen held or scheduled"), retry).await;
    }

    play.with(&two_of_nin()).await;
    play.lease().await;
    let mut dead = settle(&play.ids[0].clone(), "dead", "transient", "unreadable", "0");
    "sealed".clone_into(&mut dead[21]);
    play.stage.done("settle", &dead).await;
    play.stage.raw.del::<_, ()>("{kyc}:results").await.unwrap();
    let id = play.ids[0].clone();
    play.act(("retry", "dead"), words(&["dead", MANY_MS, &id]))
        .await;
    play.act(("reread", "dead"), words(&[MANY_MS, &id])).await;
    let mut act = Act::new(("forget", "an answer"), words(&["0", "9"]), &play.ids);
    act.ended_before = true;
    play.stage.stop_everywhere(&act).await;
    act = Act::new(("inspect", "dead"), words(&[&*id, "1"]), &play.ids);
    act.ended_before = true;
    play.stage.stop_everywhere(&act).await;

    play.with(&two_of_nin()).await;
    let id = play.ids[0].clone();
    play.act(("rewrap", "a record"), words(&[&*id, "old", "new"]))
        .await;
    play.act(
        ("limit", "a rate"),
        words(&[
            "nin", "rate", "5", "period", "1000", "burst", "1", "margin", "25",
        ]),
    )
    .await;
    for lasts in ["0", DAY_MS] {
        play.act(("pause", "a kind"), words(&["nin", lasts, "key", "why"]))
            .await;
    }
    let pause = words(&["nin", "0", "key", "why"]);
    play.stage.done("pause", &pause).await;
    play.act(("resume", "a kind"), words(&["nin"])).await;
}
