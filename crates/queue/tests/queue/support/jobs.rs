//! Requests, outcomes and failures.

use jiff::Timestamp;
use kyc_domain::{Call, CallDetails, Class, Failure, Outcome, Request, Verdict};
use kyc_kinds::{Rules, parse};
use serde_json::{Value, json};

/// A number that no other job of a test has.
pub(crate) fn number(nth: usize) -> String {
    format!("222{nth:08}")
}

/// A job of a kind whose number is in the field of the kind's name, with more fields.
pub(crate) fn request(kind: &str, nth: usize, more: Value) -> Request {
    let mut job = json!({"kind": kind, kind: number(nth)});
    if let (Some(job), Value::Object(more)) = (job.as_object_mut(), more) {
        job.extend(more);
    }
    parse(job.to_string().as_bytes(), Rules::default()).unwrap()
}

/// A record was found with the one call of this attempt.
pub(crate) fn found(calls_before: u32, unanswered: u32) -> Outcome {
    Outcome {
        verdict: Verdict::Found,
        checks: Vec::new(),
        reasons: Vec::new(),
        record: None,
        provider_data: None,
        message: None,
        images: Vec::new(),
        call_details: CallDetails {
            calls: calls_before + 1,
            unanswered_calls: unanswered,
            http_status: Some(200),
            requested_at: Timestamp::now(),
            call_ms: 1,
            sandbox: true,
        },
        reused: None,
        purpose: None,
        consent: None,
    }
}

/// A failure of that class after a call that was answered.
pub(crate) fn failed(class: Class) -> Failure {
    Failure::new(class, "http_599", "The provider failed.").after(Call {
        sent: true,
        unanswered: false,
        http_status: Some(599),
        ms: 7,
    })
}

pub(crate) fn transient() -> Failure {
    failed(Class::Transient)
}
