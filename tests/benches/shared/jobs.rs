//! Jobs that all differ.

use kyc_domain::Request;
use kyc_kinds::Rules;
use kyc_tests::number;
use serde_json::{Value, json};

/// The form of the jobs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Job {
    /// Only a number.
    Plain,
    /// With a reference and an idempotency key.
    Referenced,
    /// All kinds and this number of tenants in turn.
    Spread(usize),
}

/// Returns the `nth` job.
pub(crate) fn request(nth: usize, job: Job) -> Request {
    match job {
        Job::Plain => parse(&json!({"kind": "bvn", "bvn": format!("22{nth:09}")})),
        Job::Referenced => {
            let reference = format!("customer-{nth:010}");
            parse(&json!({
                "kind": "bvn", "bvn": format!("22{nth:09}"),
                "reference": reference, "idempotency_key": format!("{reference}-first"),
            }))
        }
        Job::Spread(tenants) => spread(nth, tenants),
    }
}

fn spread(nth: usize, tenants: usize) -> Request {
    /// The last digits of a number identify the job.
    const DIGITS: usize = 6;
    let kinds = kyc_kinds::KINDS;
    let (kind, nth) = (kinds[nth % kinds.len()], nth / kinds.len());
    let sample = number(kind.name, "000");
    let start = &sample[..sample.len() - DIGITS];
    let mut body = json!({
        "kind": kind.name, "tenant": format!("tenant-{:03}", nth % tenants),
        kind.field: format!("{start}{:0DIGITS$}", nth % 10_usize.pow(6)),
    });
    for field in kind.required {
        let is_date = *field == "date_of_birth";
        body[*field] = if is_date { "1986-01-20" } else { "Okafor" }.into();
    }
    parse(&body)
}

fn parse(body: &Value) -> Request {
    kyc_kinds::parse(body.to_string().as_bytes(), Rules::default()).expect("a job")
}
