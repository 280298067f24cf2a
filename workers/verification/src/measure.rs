//! Records the metrics of the pipeline through the `metrics` facade. Labels are the kind and how the call ended; they contain
//! no personal data.

use kyc_domain::Failure;
use metrics::{counter, histogram};

use crate::upstream::Sent;

/// Every metric that this crate records. Tests compare the table of metrics with it.
pub const MEASURES: &[&str] = &[CALL, UNANSWERED];

const CALL: &str = "kyc_upstream_call_seconds";
const UNANSWERED: &str = "kyc_upstream_unanswered_total";

/// Records a call. `failure` is set if its answer could not be used.
pub(crate) fn called(kind: &'static str, sent: &Sent, failure: Option<&Failure>) {
    let call = failure.map_or_else(|| sent.call(), |failure| failure.call.clone());
    let answer = match call.http_status {
        Some(200..300) => "2xx",
        Some(300..400) => "3xx",
        Some(400..500) => "4xx",
        Some(500..600) => "5xx",
        _ => "none",
    };
    histogram!(CALL, "kind" => kind, "answer" => answer).record(sent.took);
    if call.unanswered {
        counter!(UNANSWERED, "kind" => kind).increment(1);
    }
}
