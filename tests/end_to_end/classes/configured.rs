//! Messages of the provider that settings define, in place of the built-in ones.

use kyc_tests::{Job, World, eventually};

use super::{
    End::{Completed, Dead},
    QUICK, ended,
    provider::{Provider, RECORD, answer, refused},
    settle,
};

/// Written as a person might: with capitals, extra spaces, extra commas and an empty part.
const CONFIGURED: [(&str, &str); 5] = [
    ("wallet_messages", "purse  is EMPTY"),
    ("throttle_messages", "slower,please, ,"),
    ("key_messages", ",,badge-is-void,"),
    ("rejected_messages", "no such\tdigits"),
    ("not_found_messages", "unbekannt"),
];

#[tokio::test(flavor = "multi_thread")]
async fn only_configured_messages_are_recognised() {
    let provider = Provider::start().await;
    let mut world = World::without_sandbox(&provider.url());
    settle(&mut world, &QUICK);
    settle(&mut world, &CONFIGURED);
    settle(&mut world, &[("pause_first", "3s")]);
    let queue = world.queue().await;
    let _worker = world.worker("worker", &[]).await;
    let mut enqueued = Vec::new();
    let rows = [
        ("bvn", "Your purse is empty!", Err("wallet_empty")),
        ("nin", "Go SLOWER", Err("throttled")),
        ("nin_phone", "This badge is void", Err("key_refused")),
        (
            "passport",
            "There are no such digits",
            Ok((Completed("rejected"), 1)),
        ),
        ("passport", "Unbekannt.", Ok((Completed("not_found"), 1))),
        (
            "passport",
            "Insufficient balance",
            Ok((Dead("envelope_error"), 4)),
        ),
        (
            "passport",
            "Too many requests",
            Ok((Dead("envelope_error"), 4)),
        ),
        (
            "passport",
            "Invalid API key",
            Ok((Dead("envelope_error"), 4)),
        ),
        ("passport", "Invalid BVN", Ok((Dead("envelope_error"), 4))),
        (
            "passport",
            "Record not found",
            Ok((Dead("envelope_error"), 4)),
        ),
    ];
    for (nth, (kind, says, comes_to)) in rows.into_iter().enumerate() {
        let number = kyc_tests::number(kind, "000");
        let job = Job::new(kind, &number.replacen('3', &nth.to_string(), 1));
        let then = match comes_to {
            Ok(_) => refused("200 OK", says),
            Err(_) => answer("200 OK", RECORD),
        };
        provider.script(job.number(), &[refused("200 OK", says), then]);
        enqueued.push((world.enqueue(&queue, &job).await, says, comes_to, kind));
    }
    for (id, says, comes_to, kind) in enqueued {
        match comes_to {
            Ok((end, attempts)) => {
                let known = world.end_of(&queue, id).await;
                ended(says, &known, end, attempts, "refused");
            }
            Err(reason) => {
                let why = eventually("the kind is parked, or was", async || {
                    let known = world.look(&queue, id).await;
                    known
                        .waiting
                        .map(|waiting| waiting.why)
                        .filter(|why| why != "ready")
                })
                .await;
                assert_eq!(why, reason, "{says}");
                queue.resume(kind).await.unwrap();
                let known = world.end_of(&queue, id).await;
                assert_eq!((known.attempts, known.calls), (1, 2), "{says}");
            }
        }
    }
}
