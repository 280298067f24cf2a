//! An event as the API shows it, and as it is written to a stream.

use bytes::Bytes;
use jiff::Timestamp;
use kyc_domain::{Reason, ReasonCode};
use kyc_queue::{Ended, Point};
use serde::Serialize;
use utoipa::ToSchema;

use crate::verifications::outcome::ReasonView;

/// The end of a verification. Its fields are those of the verification.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event, example = json!({
    "id": "01J9ZQ3V5T8Y6K2M4N7P0R1S2T", "reference": "loan-1", "kind": "bvn", "state": "completed", "verdict": "no_match",
    "reasons": [{ "code": "last_name_mismatch", "sentence": "The last name does not agree with the record.", "tell_subject": true,
    "ask_again": true }], "sandbox": false, "finished_at": "2026-01-20T09:30:01Z"
}))]
pub(crate) struct EventView {
    /// The id of the verification.
    id: String,
    /// Your own id.
    #[serde(skip_serializing_if = "String::is_empty")]
    reference: String,
    /// What was verified, and how, such as `bvn`.
    kind: String,
    /// `completed`, `dead` or `cancelled`.
    state: String,
    /// `match`, `partial_match`, `no_match`, `found`, `not_found` or `rejected`; of completed ones.
    #[serde(skip_serializing_if = "String::is_empty")]
    verdict: String,
    /// Why there is no verdict: a stable code.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// The same in a sentence for people, while the verification is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    sentence: Option<String>,
    /// Why the verdict is what it is. Only reasons that the subject may be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    reasons: Option<Vec<ReasonView>>,
    /// Whether a sandbox answered, so that the person is made up.
    sandbox: bool,
    /// When it ended; a millisecond more or less than the verification says.
    #[schema(value_type = String, format = DateTime)]
    finished_at: Timestamp,
}

impl EventView {
    fn of(ended: &Ended) -> Self {
        let result = ended.result.clone();
        let is_completed = result.state == "completed";
        let reasons = || {
            let named = result.reasons.iter();
            let named = named.filter_map(|code| ReasonCode::named(code));
            let reasons = named.map(Reason::from).filter(|reason| reason.tell_subject);
            reasons.map(ReasonView::of).collect()
        };
        Self {
            code: result.reasons.first().filter(|_| !is_completed).cloned(),
            reasons: is_completed.then(reasons),
            id: result.id,
            reference: result.reference,
            kind: result.kind,
            state: result.state,
            verdict: result.verdict,
            sentence: ended.sentence.clone(),
            sandbox: result.sandbox,
            finished_at: ended.at,
        }
    }
}

/// Returns an event as it is written to all streams.
pub(crate) fn rendered(point: &Point, ended: &Ended) -> Bytes {
    let state = &ended.result.state;
    let data = serde_json::to_string(&EventView::of(ended)).unwrap_or_default();
    format!("id: {point}\nevent: verification.{state}\ndata: {data}\n\n").into()
}

#[cfg(test)]
mod tests {
    use kyc_queue::Published;

    use super::*;

    fn ended(state: &str, reasons: &[&str]) -> Ended {
        let result = Published {
            id: "01J9ZQ3V5T8Y6K2M4N7P0R1S2T".to_owned(),
            kind: "bvn".to_owned(),
            tenant: "acme".to_owned(),
            reference: "line\nbreak".to_owned(),
            state: state.to_owned(),
            reasons: reasons.iter().map(|&code| code.to_owned()).collect(),
            ..Published::default()
        };
        Ended {
            result,
            sentence: None,
            at: "2026-01-20T09:30:01Z".parse().unwrap(),
        }
    }

    #[test]
    fn an_event_is_one_block_and_withholds_what_the_subject_may_not_be_told() {
        let point = "a5-1".parse().unwrap();
        let ended = ended("completed", &["last_name_mismatch", "watch_listed"]);
        let text = rendered(&point, &ended);
        let text = std::str::from_utf8(&text).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[..2], ["id: a5-1", "event: verification.completed"]);
        assert_eq!((lines.len(), lines[3]), (4, ""), "{text}");
        assert!(text.contains("last_name_mismatch") && !text.contains("watch"));
        assert!(!text.contains("acme") && !text.contains("\"code\":\"bvn"));
    }

    #[test]
    fn a_dead_one_has_a_code_and_no_reasons() {
        let ended = ended("dead", &["http_500"]);
        let data = serde_json::to_value(EventView::of(&ended)).unwrap();
        assert_eq!(data["code"], "http_500");
        assert_eq!((data.get("reasons"), data.get("verdict")), (None, None));
    }
}
