//! Answers that end a job, at once or after further attempts. None of them pauses a kind.

use std::io::Write as _;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use kyc_domain::VerificationId;
use kyc_queue::Verification;
use kyc_tests::{Job, World};

use super::{
    End::{self, Completed, Dead},
    QUICK, ended,
    provider::{Act, Provider, RECORD, answer, endless, refused},
    settle,
};

/// An answer of the provider and its result, with at most four attempts.
struct Row {
    what: &'static str,
    does: Does,
    end: End,
    attempts: u32,
    /// The class of the failed attempts.
    class: &'static str,
    unanswered: u32,
    /// The only reason of the outcome, and the provider's message.
    reason: &'static str,
    message: Option<&'static str>,
}

enum Does {
    /// A case of the sandbox.
    Sandbox(&'static str),
    /// The same act for every call.
    Raw(Act),
}

/// Returns a row that completes at the first attempt.
fn good(what: &'static str, does: Does, verdict: &'static str, reason: &'static str) -> Row {
    Row {
        what,
        does,
        end: Completed(verdict),
        attempts: 1,
        class: "none",
        unanswered: 0,
        reason,
        message: None,
    }
}

/// Returns a row that dies: after all attempts, after three if the answers were damaged, and at once if the answer could
/// not be read.
fn dead(what: &'static str, does: Does, class: &'static str, code: &'static str) -> Row {
    let attempts = match class {
        "unreadable" => 1,
        "damaged" => 3,
        _ => 4,
    };
    Row {
        what,
        does,
        end: Dead(code),
        attempts,
        class,
        unanswered: if matches!(class, "unreadable" | "damaged" | "ambiguous") {
            attempts
        } else {
            0
        },
        reason: "",
        message: None,
    }
}

impl Row {
    fn saying(self, message: &'static str) -> Self {
        Self {
            message: Some(message),
            ..self
        }
    }

    /// Marks each of its calls as possibly billed.
    fn billed(self) -> Self {
        Self {
            unanswered: self.attempts,
            ..self
        }
    }
}

/// Answers of the sandbox.
#[rustfmt::skip]
fn of_the_sandbox() -> Vec<Row> {
    let case = Does::Sandbox;
    let again = Row { attempts: 2, class: "transient", ..good("500 once", case("020"), "found", "") };
    vec![
        good("a record", case("000"), "found", ""),
        good("404", case("001"), "not_found", "record_not_found").saying("Record not found"),
        good("400", case("043"), "rejected", "input_rejected").saying("The number provided is not valid"),
        good("422", case("044"), "rejected", "input_rejected").saying("The given data was invalid"),
        good("no base64 for an image", case("003"), "found", "image_undecodable"),
        good("no image", case("004"), "found", "image_missing"),
        good("an image over the limit", case("005"), "found", "image_too_large"),
        again,
        dead("500", case("021"), "transient", "http_500"),
        dead("no answer", case("030"), "ambiguous", "timeout_after_send"),
        dead("cut in the body", case("032"), "ambiguous", "cut_in_body"),
        dead("truncated JSON", case("033"), "damaged", "truncated"),
        dead("an HTML page", case("034"), "transient", "no_answer"),
        dead("JSON of another shape", case("035"), "unreadable", "unreadable_answer"),
        dead("an envelope with an error", case("050"), "refused", "envelope_error"),
    ]
}

const OK: &str = "200 OK";

/// Messages and statuses of a raw provider that decide the job's end.
#[rustfmt::skip]
fn of_words() -> Vec<Row> {
    let raw = Does::Raw;
    let says = |head, message| raw(refused(head, message));
    let empty = |data| raw(answer(OK, format!(r#"{{"status":"success","data":{data},"message":"Nothing to show"}}"#)));
    let none = |what, does| good(what, does, "not_found", "record_not_found");
    let wrong = |what, does| good(what, does, "rejected", "input_rejected");
    vec![
        none("success with null", empty("null")).saying("Nothing to show"),
        none("success with a list of nothing", empty("[]")).saying("Nothing to show"),
        none("success without a record", empty(r#"{"type":"response","data":null}"#)).saying("Nothing to show"),
        none("success with a blank record", empty(r#"{"type":"response","data":{"profile":{"first_name":""}}}"#)).saying("Nothing to show"),
        none("200 with a not-found message", says(OK, "No record for 22212345678")).saying("No record for ***********"),
        none("400 with a not-found message", says("400 Bad Request", "BVN not found")).saying("BVN not found"),
        none("404 with data alone", raw(answer("404 Not Found", r#"{"status":"error","data":null}"#))),
        dead("success that mentions no record", raw(answer(OK, r#"{"status":"ok","message":"API is running"}"#)), "transient", "no_answer"),
        dead("success with the record under another name", raw(answer(OK, r#"{"status":"success","message":"OK","result":{"profile":{"first_name":"Ada"}}}"#)), "unreadable", "unreadable_answer"),
        dead("success around a failure", raw(answer(OK, r#"{"status":"success","data":{"success":false,"data":null}}"#)), "unreadable", "unreadable_answer"),
        dead("success around a pending status", raw(answer(OK, r#"{"status":"success","data":{"status":"pending","data":null}}"#)), "unreadable", "unreadable_answer"),
        dead("202", raw(answer("202 Accepted", r#"{"status":"success","message":"Request is being processed","data":null}"#)), "transient", "no_answer"),
        dead("a page whose script has an envelope", raw(answer(OK, r#"<html><script>{"status":"ok","message":"Back soon"}</script></html>"#)), "transient", "no_answer"),
        dead("404 with a page whose script has an envelope", raw(answer("404 Not Found", r#"<html><script>{"status":"missing","message":"No page"}</script></html>"#)), "transient", "http_404_page"),
        dead("403 with a page whose script has an envelope", raw(answer("403 Forbidden", r#"<html><script>{"status":"blocked","message":"Access denied"}</script></html>"#)), "transient", "http_403_page"),
        dead("two envelopes with a notice between them", raw(answer(OK, "{\"status\":\"success\",\"data\":null}\n<br/>Notice\n{\"status\":\"success\",\"data\":{}}")), "unreadable", "unreadable_answer"),
        dead("a notice before a record that was cut", raw(answer(OK, format!("<br />Notice: x\n{}", &RECORD[..RECORD.len() - 5]))), "damaged", "truncated"),
        dead("gzip that was cut", raw(answer(OK, b"\x1F\x8B\x08\x00\x00\x00")), "damaged", "truncated"),
        dead("a profile with only a not-found message", raw(answer(OK, r#"{"status":"success","data":{"data":{"profile":{"message":"Record not found"}}}}"#)), "unreadable", "nameless_record"),
        dead("a record with only negative fields", raw(answer(OK, r#"{"status":"success","data":{"data":{"profile":{"first_name":"N/A","last_name":""},"metadata":{"watch_listed":"NO"}}}}"#)), "unreadable", "nameless_record"),
        dead("a record under other names", raw(answer(OK, r#"{"status":"success","data":{"data":{"profile":{"firstName":"Ada","lastName":"Obi"}}}}"#)), "unreadable", "nameless_record"),
        dead("404 that repeats the path", says("404 Not Found", "Can't find /identity/bvn/advanced/22212345678 on this server!"), "transient", "unavailable"),
        dead("404 of a router", says("404 Not Found", "Cannot GET /identity/bvn"), "transient", "unavailable"),
        dead("404 of a proxy", raw(answer("404 Not Found", "404 page not found\n")), "transient", "http_404_foreign"),
        dead("404 without a body", raw(answer("404 Not Found", "")), "transient", "http_404_foreign"),
        dead("404 of a gateway", raw(answer("404 Not Found", r#"{"message":"no Route matched with those values"}"#)), "transient", "unavailable"),
        dead("404 of a framework", raw(answer("404 Not Found", r#"{"message":""}"#)), "transient", "http_404_foreign"),
        dead("404 of another framework", raw(answer("404 Not Found", r#"{"status":404,"error":"Not Found","path":"/x"}"#)), "transient", "http_404_foreign"),
        dead("404 about a record, and not the provider's", raw(answer("404 Not Found", r#"{"message":"Record not found"}"#)), "transient", "http_404_foreign"),
        dead("404 about the path", says("404 Not Found", "The route identity/bvn could not be found."), "transient", "unavailable"),
        dead("404 with a page for browsers", raw(answer("404 Not Found", "<html>Not found</html>")), "transient", "http_404_page"),
        dead("404 with the type of a page", raw(answer("404 Not Found\nContent-Type: text/html", "")), "transient", "http_404_page"),
        dead("400 with a page for browsers", raw(answer("400 Bad Request", "<html>The plain HTTP request was sent to HTTPS port</html>")), "transient", "http_400_page"),
        dead("400 without a body", raw(answer("400 Bad Request", "")), "transient", "http_400_foreign"),
        dead("422 of a framework", raw(answer("422 Unprocessable", r#"{"message":{"bvn":["wrong"]}}"#)), "transient", "http_422_foreign"),
        dead("401 of a portal", raw(answer("401 Unauthorized", "<html>Sign in</html>")), "transient", "http_401_page"),
        dead("403 of bot protection", raw(answer("403 Forbidden\nContent-Type: text/html\ncf-mitigated: challenge", "<title>Just a moment...</title>")), "transient", "http_403_page"),
        dead("400 with a temporary error", says("400 Bad Request", "NIN service is currently unavailable"), "transient", "unavailable"),
        dead("404 with a temporary error", says("404 Not Found", "Record not found: third party timed out"), "transient", "unavailable"),
        dead("200 with a temporary error", says(OK, "Verification can't be completed at this time. Kindly retry later"), "transient", "unavailable"),
        dead("success with a temporary error", raw(answer(OK, r#"{"status":"success","data":null,"message":"Service temporarily unavailable, try again later"}"#)), "transient", "unavailable"),
        dead("424", says("424 Failed Dependency", "Failed Dependency"), "transient", "http_424"),
        none("404 with the advice to try again", says("404 Not Found", "BVN not found. Please try again")).saying("BVN not found. Please try again"),
        none("404 about an invalid number", says("404 Not Found", "Invalid BVN")).saying("Invalid BVN"),
        wrong("200 with an invalid-number message", says(OK, "INVALID  bvn: 22212345678")).saying("INVALID  bvn: ***********"),
        wrong("200 with a message that says both", says(OK, "The BVN is invalid or was not found")).saying("The BVN is invalid or was not found"),
        wrong("success without a record, with an invalid-number message", raw(answer(OK, r#"{"status":"success","data":null,"message":"Invalid BVN"}"#))).saying("Invalid BVN"),
        wrong("400 with an unknown message", says("400 Bad Request", "Bad luck")).saying("Bad luck"),
        wrong("422 with a list of faults", raw(answer("422 Unprocessable", r#"{"status":"error","message":{"bvn":["is wrong"]}}"#))).saying("is wrong"),
        wrong("409 with an invalid-number message", says("409 Conflict", "Invalid number")).saying("Invalid number"),
        dead("200 with an unknown message", says(OK, "Something went wrong"), "refused", "envelope_error"),
        dead("200 about a company called Corporate Limited", says(OK, "Zenith Corporate Limited is busy"), "refused", "envelope_error"),
        dead("409 with an unknown message", says("409 Conflict", "Busy"), "refused", "http_409"),
        dead("a redirect", raw(answer("302 Found\nLocation: https://127.0.0.1:9/", "")), "transient", "redirect"),
        dead("408", says("408 Request Timeout", "Slow"), "transient", "http_408"),
        dead("425", says("425 Too Early", "Early"), "transient", "http_425"),
        dead("500 about the wallet", says("500 Error", "Insufficient balance"), "transient", "http_500"),
        dead("500 with Retry-After", says("500 Error\nRetry-After: 3600", "Down"), "transient", "http_500"),
        dead("502", says("502 Bad Gateway", "Record not found"), "transient", "http_502").billed(),
        dead("503 without Retry-After", says("503 Unavailable", "Too many requests"), "transient", "http_503"),
        dead("504", says("504 Gateway Timeout", "Slow"), "transient", "http_504").billed(),
    ]
}

/// Bytes of a raw provider that are not an answer.
#[rustfmt::skip]
fn of_bytes() -> Vec<Row> {
    let raw = Does::Raw;
    let record = RECORD.as_bytes();
    // Half of the bytes that its length announces.
    let Act::Send(whole) = answer(OK, RECORD) else { unreachable!("an answer is sent") };
    let half = whole[..whole.len() - record.len() / 2].to_vec();
    let no_image = BASE64_STANDARD.encode("This is no image.");
    let no_image = RECORD.replace(r#"{"profile""#, &format!(r#"{{"biodata":{{"image":"{no_image}"}},"profile""#));
    let large = format!(r#"{{"status":"success","data":"{}"}}"#, "x".repeat(100_000));
    vec![
        good("an image that is none", raw(answer(OK, no_image)), "found", "image_unrecognised"),
        dead("reset before the answer", raw(Act::Reset), "ambiguous", "cut_after_send"),
        dead("closed before the answer", raw(Act::Send(Vec::new())), "ambiguous", "cut_after_send"),
        dead("bytes that are no HTTP", raw(Act::Send(b"220 smtp ready\r\n\r\n".to_vec())), "ambiguous", "cut_after_send"),
        dead("an answer that stops in its head", raw(Act::Stall(b"HTTP/1.1 200 OK\r\nContent-".to_vec())), "ambiguous", "timeout_after_send"),
        dead("an answer that stops in its body", raw(Act::Stall(half.clone())), "ambiguous", "timeout_in_body"),
        dead("a body shorter than its length", raw(Act::Send(half)), "ambiguous", "cut_in_body"),
        dead("no body", raw(answer(OK, "")), "transient", "no_answer"),
        dead("no content", raw(Act::Send(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".to_vec())), "transient", "no_answer"),
        dead("an empty object", raw(answer(OK, "{}")), "transient", "no_answer"),
        dead("a line of text", raw(answer(OK, "OK")), "transient", "no_answer"),
        dead("a page of maintenance", raw(answer("200 OK\nContent-Type: text/html", "<h1>Scheduled maintenance</h1>")), "transient", "no_answer"),
        dead("JSON that is no envelope", raw(answer(OK, r#"{"error":"wrong"}"#)), "unreadable", "unreadable_answer"),
        dead("an unknown word for success", raw(answer(OK, RECORD.replace("success", "done"))), "unreadable", "unreadable_answer"),
        dead("success in one field, failure in another", raw(answer(OK, RECORD.replacen('{', r#"{"success":false,"#, 1))), "unreadable", "unreadable_answer"),
        dead("a record beside a failure", raw(answer(OK, RECORD.replace(r#""type":"response""#, r#""status":"failed""#))), "unreadable", "unreadable_answer"),
        dead("a status of HTTP alone", raw(answer(OK, r#"{"statusCode":200,"data":{"profile":{"first_name":"Ada"}}}"#)), "unreadable", "unreadable_answer"),
        dead("two records", raw(answer(OK, r#"{"status":"success","data":[{"profile":{"first_name":"Ada"}},{"profile":{"first_name":"Obi"}}]}"#)), "unreadable", "ambiguous_record"),
        dead("broken JSON", raw(answer(OK, r#"{"status":success,"data":null}"#)), "unreadable", "unreadable_answer"),
        dead("a record that repeats the number alone", raw(answer(OK, r#"{"status":"success","data":{"data":{"identity":{"bvn":"NUMBER"}}}}"#)), "unreadable", "empty_record"),
        dead("a longer body than is read, by its length", raw(answer(OK, &large)), "unreadable", "too_large"),
        dead("a longer body than is read, of no length", raw(Act::Send(endless(OK, large.as_bytes()))), "unreadable", "too_large"),
        dead("a longer body than is read, compressed", raw(answer("200 OK\nContent-Encoding: gzip", gzip(large.as_bytes()))), "unreadable", "too_large"),
        dead("a body that is not compressed as it claims", raw(answer("200 OK\nContent-Encoding: gzip", RECORD)), "damaged", "undecodable"),
    ]
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Runs the jobs of all rows with one worker, and checks each. `calls` returns the number of calls that arrived for a job.
async fn every(world: &World, rows: &[Row], jobs: &[Job], calls: impl Fn(&Job) -> u32) {
    let queue = world.queue().await;
    let mut ids: Vec<VerificationId> = Vec::new();
    for job in jobs {
        ids.push(world.enqueue(&queue, job).await);
    }
    let worker = world.worker("worker", &[]).await;
    for ((row, job), id) in rows.iter().zip(jobs).zip(ids) {
        let known = world.end_of(&queue, id).await;
        check(row, &known);
        assert_eq!(
            calls(job),
            row.attempts,
            "calls that arrived of {}",
            row.what
        );
    }
    let log = worker.log();
    assert!(
        !log.contains("Parked") && !log.contains("paused its kind"),
        "{log}"
    );
    assert!(queue.parked(&["bvn"]).await.unwrap().is_empty());
    world.nothing_left(&queue).await;
}

fn check(row: &Row, known: &Verification) {
    let what = row.what;
    ended(what, known, row.end, row.attempts, row.class);
    assert_eq!(known.calls, row.attempts, "calls of {what}: {known:?}");
    assert_eq!(
        known.unanswered_calls, row.unanswered,
        "unanswered calls of {what}: {known:?}"
    );
    let Some(outcome) = &known.outcome else {
        return;
    };
    let reasons: Vec<&str> = outcome
        .reasons
        .iter()
        .map(|reason| reason.code.as_str())
        .collect();
    // A raw record has no image unless the row has one.
    let raw = matches!(row.does, Does::Raw(_)) && outcome.record.is_some() && row.reason.is_empty();
    let expected = if raw { "image_missing" } else { row.reason };
    assert_eq!(reasons.join(","), expected, "{what}");
    assert_eq!(
        outcome.record.is_some(),
        matches!(row.end, Completed("found")),
        "{what}"
    );
    assert_eq!(outcome.message.as_deref(), row.message, "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_the_sandbox_that_pauses_no_kind_ends_its_job() {
    let mut world = World::new().await;
    settle(&mut world, &QUICK);
    settle(&mut world, &[("max_image_bytes", "1MiB")]);
    // Draws the images now, so that drawing them does not look like a slow provider.
    crate::raw::warm_up(&world, &["005"]).await;
    let rows = of_the_sandbox();
    let code = |row: &Row| match row.does {
        Does::Sandbox(code) => code,
        Does::Raw(_) => unreachable!("these rows are the sandbox's"),
    };
    let jobs: Vec<Job> = rows
        .iter()
        .map(|row| Job::of_case("bvn", code(row)))
        .collect();
    let calls = |job: &Job| u32::try_from(world.calls(job)).unwrap();
    every(&world, &rows, &jobs, calls).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_other_answer_that_pauses_no_kind_ends_its_job() {
    let provider = Provider::start().await;
    let mut world = World::without_sandbox(&provider.url());
    settle(&mut world, &QUICK);
    settle(&mut world, &[("max_body", "64KiB")]);
    let rows: Vec<Row> = of_words().into_iter().chain(of_bytes()).collect();
    let mut jobs = Vec::new();
    for (nth, row) in rows.iter().enumerate() {
        let job = Job::new("bvn", &format!("222{nth:05}000"));
        let Does::Raw(act) = &row.does else {
            unreachable!("these rows are raw")
        };
        provider.script(job.number(), &[act.about(job.number())]);
        jobs.push(job);
    }
    every(&world, &rows, &jobs, |job| provider.calls(job.number())).await;
}
