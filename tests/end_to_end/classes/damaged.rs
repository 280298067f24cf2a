//! Answers that are damaged or have another form. They are read if their meaning is unambiguous, and a reason reports it.

use kyc_domain::VerificationId;
use kyc_tests::{Job, World};

use super::{
    QUICK,
    provider::{Provider, RECORD, answer},
    settle,
};

/// A description, the body, the reasons, and the first name that was read.
type Row = (&'static str, Vec<u8>, &'static [&'static str], &'static str);

const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// Returns the record with other bytes in place of its first name.
fn named(name: &[u8]) -> Vec<u8> {
    let at = RECORD.find("Ada").unwrap();
    [&RECORD.as_bytes()[..at], name, &RECORD.as_bytes()[at + 3..]].concat()
}

/// Returns the record with another field in its profile.
fn with(field: &str) -> Vec<u8> {
    RECORD
        .replace(r#""Ada""#, &format!(r#""Ada",{field}"#))
        .into_bytes()
}

/// Returns the record with another group.
fn beside(group: &str) -> Vec<u8> {
    RECORD
        .replace(r#"{"profile""#, &format!(r#"{{{group},"profile""#))
        .into_bytes()
}

#[rustfmt::skip]
fn rows() -> Vec<Row> {
    let repaired: &[&str] = &["answer_repaired", "image_missing"];
    let missing: &[&str] = &["image_missing"];
    let unreadable: &[&str] = &["field_unreadable", "image_missing"];
    let record = RECORD.as_bytes();
    let status = |status: &str| RECORD.replace(r#""success""#, status).into_bytes();
    let mut zipped = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut zipped, record).unwrap();
    let image = |image: String| beside(&format!(r#""biodata":{image}"#));
    let octets: Vec<String> = b"no image, but bytes of one".iter().map(u8::to_string).collect();
    vec![
        ("a byte order mark", [b"\xEF\xBB\xBF", record].concat(), repaired, "Ada"),
        ("Windows-1252", named(b"Ad\xE9"), repaired, "Adé"),
        ("gzip without a header", zipped.finish().unwrap(), repaired, "Ada"),
        ("bytes behind the JSON", [record, b"<!-- served in 0.1 s -->"].concat(), repaired, "Ada"),
        ("a notice in front of the JSON", [b"<br />\n<b>Notice</b>: Undefined index in {main}<br />\n", record].concat(), repaired, "Ada"),
        ("a raw control character", named(b"Ada\x01"), repaired, "Ada\u{1}"),
        ("half a surrogate pair", named(br"Ada\ud83d"), repaired, "Ada\u{FFFD}"),
        ("no number", beside(r#""score":NaN"#), repaired, "Ada"),
        ("status 200", status("200"), missing, "Ada"),
        ("status true", status("true"), missing, "Ada"),
        ("status Successful", status(r#""Successful""#), missing, "Ada"),
        ("status ok", status(r#""ok""#), missing, "Ada"),
        ("status 00", status(r#""00""#), missing, "Ada"),
        ("groups right in data", br#"{"status":"success","data":{"profile":{"first_name":"Ada"}}}"#.to_vec(), missing, "Ada"),
        ("a list of one", br#"{"status":"success","data":[{"profile":{"first_name":"Ada"}}]}"#.to_vec(), missing, "Ada"),
        ("a list for text", with(r#""middle_name":["a","b"]"#), unreadable, "Ada"),
        ("an object for text", with(r#""middle_name":{"a":1}"#), unreadable, "Ada"),
        ("nothing for text", with(r#""middle_name":[]"#), missing, "Ada"),
        ("a number for text", with(r#""middle_name":7"#), missing, "Ada"),
        ("text for a group", beside(r#""residence":"here""#), unreadable, "Ada"),
        ("false for a group", beside(r#""residence":false"#), missing, "Ada"),
        ("a filler for a group", beside(r#""residence":"N/A""#), missing, "Ada"),
        ("a list of nothing for images", image("[]".to_owned()), missing, "Ada"),
        ("an image in a list", image(format!(r#"{{"image":["{PNG}"]}}"#)), &[], "Ada"),
        ("an image as bytes", image(format!(r#"{{"image":{{"type":"Buffer","data":[{}]}}}}"#, octets.join(","))), &["image_unrecognised"], "Ada"),
        ("an image of another type", image(r#"{"image":{"a":1}}"#.to_owned()), &["field_unreadable", "image_missing"], "Ada"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unambiguous_answer_is_read_and_a_reason_reports_the_repair() {
    let provider = Provider::start().await;
    let mut world = World::without_sandbox(&provider.url());
    settle(&mut world, &QUICK);
    let queue = world.queue().await;
    let rows = rows();
    let mut ids: Vec<(VerificationId, Job)> = Vec::new();
    for (nth, (_, body, ..)) in rows.iter().enumerate() {
        let job = Job::new("bvn", &format!("223{nth:05}000"));
        provider.script(job.number(), &[answer("200 OK", body)]);
        ids.push((world.enqueue(&queue, &job).await, job));
    }
    let worker = world.worker("worker", &[]).await;
    for ((what, _, expected, first_name), (id, job)) in rows.iter().zip(ids) {
        let known = world.end_of(&queue, id).await;
        let outcome = known
            .outcome
            .as_ref()
            .unwrap_or_else(|| panic!("{what}: {known:?}"));
        let mut reasons: Vec<&str> = outcome
            .reasons
            .iter()
            .map(|reason| reason.code.as_str())
            .collect();
        reasons.sort_unstable();
        assert_eq!(reasons, *expected, "{what}");
        let record = serde_json::to_value(outcome.record.as_ref().unwrap()).unwrap();
        assert_eq!(record["first_name"], *first_name, "{what}");
        assert_eq!(provider.calls(job.number()), 1, "{what}");
    }
    let log = worker.log();
    assert!(!log.contains("Ada") && !log.contains("22300"), "{log}");
    world.nothing_left(&queue).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_about_another_number_is_not_used() {
    let provider = Provider::start().await;
    let mut world = World::without_sandbox(&provider.url());
    settle(&mut world, &QUICK);
    let queue = world.queue().await;
    let about = |identity: &str| {
        let profile = r#""profile":{"first_name":"Ada","last_name":"Obi","company_name":"Acme"}"#;
        answer(
            "200 OK",
            format!(r#"{{"status":"success","data":{{"data":{{{profile},{identity}}}}}}}"#),
        )
    };
    let rows = [
        (
            "bvn",
            "22234567890",
            r#""identity":{"bvn":"22234567891"}"#,
            false,
        ),
        (
            "bvn",
            "22234567890",
            r#""identity":{"bvn":"22234567890"}"#,
            true,
        ),
        (
            "bvn",
            "22234567892",
            r#""identity":{"bvn":22234567892}"#,
            true,
        ),
        (
            "bvn",
            "22234567893",
            r#""identity":{"bvn":"222*****893"}"#,
            true,
        ),
        ("bvn", "22234567894", r#""identity":{"bvn":""}"#, true),
        (
            "nin",
            "01234567890",
            r#""identity":{"nin":1234567890}"#,
            true,
        ),
        (
            "nin",
            "01234567891",
            r#""identity":{"nin":"01234567892"}"#,
            false,
        ),
        ("cac", "RC613", r#""identity":{"cac":"RC 0000613"}"#, true),
        ("cac", "BN614", r#""identity":{"cac":"RC614"}"#, false),
        (
            "drivers_license",
            "ABC12345AA00",
            r#""identity":{"driver_license":"abc-12345aa00"}"#,
            true,
        ),
        (
            "drivers_license",
            "ABC12345AA01",
            r#""identity":{"driver_license":"ABC12345AA02"}"#,
            false,
        ),
        (
            "passport",
            "A01234567",
            r#""identity":{"passport_id":"A01234567"}"#,
            true,
        ),
        (
            "passport",
            "A01234568",
            r#""identity":{"passport_id":"A01234569"}"#,
            false,
        ),
    ];
    let _worker = world.worker("worker", &[]).await;
    for (kind, number, identity, is_same) in rows {
        let job = Job::new(kind, number);
        let asked = number.trim_start_matches(['R', 'B', 'C', 'N']);
        let asked = if kind == "cac" { asked } else { number };
        provider.script(asked, &[about(identity)]);
        let before = provider.calls(asked);
        let id = world.enqueue(&queue, &job).await;
        let known = world.end_of(&queue, id).await;
        let calls = provider.calls(asked) - before;
        if is_same {
            assert_eq!(
                (known.verdict.as_deref(), calls),
                (Some("found"), 1),
                "{kind} {identity}"
            );
        } else {
            assert_eq!(
                known.code.as_deref(),
                Some("answer_for_another"),
                "{kind} {identity}: {known:?}"
            );
            assert_eq!(
                (known.attempts, calls, known.answer_retained),
                (2, 2, true),
                "{kind} {identity}"
            );
            assert!(known.outcome.is_none());
        }
    }
    let left: Vec<_> = std::fs::read_dir(world.blobs())
        .into_iter()
        .flatten()
        .collect();
    assert!(left.is_empty(), "no image of anybody: {left:?}");
}
