//! Jobs of which no two are alike.

use kyc_domain::Request;
use kyc_kinds::Rules;
use kyc_tests::number;
use serde_json::{Value, json};

/// What jobs look like.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Job {
    /// A number and nothing else.
    Plain,
    /// With a reference and an idempotency key.
    Referenced,
    /// Of all kinds, and for each of so many tenants, by turns.
    Spread(usize),
}

/// The `nth` job.
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
    /// Of a number's digits the last ones tell jobs apart.
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
