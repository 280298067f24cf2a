//! Where a stream of events begins.

use axum::http::HeaderMap;
use kyc_queue::Start;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::problem::{Kind, Problem};

/// Where to begin.
#[derive(Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct After {
    /// Begins after the event with this `id`; with `0`, at the first event that is kept. Without it, with the next end.
    after: Option<String>,
}

impl After {
    /// Returns where to begin. What a browser sends when it connects again goes before what the address says.
    pub(super) fn start(&self, headers: &HeaderMap) -> Result<Start, Problem> {
        let last = headers.get("last-event-id");
        let last = last.filter(|last| !last.is_empty());
        let text = match last {
            Some(last) => Some(last.to_str().map_err(|_| no_event())?),
            None => self.after.as_deref(),
        };
        match text {
            None => Ok(Start::Now),
            Some("0") => Ok(Start::Beginning),
            Some(id) => id.parse().map(Start::After).map_err(|_| no_event()),
        }
    }
}

fn no_event() -> Problem {
    Problem::new(
        Kind::INVALID_REQUEST,
        "Last-Event-ID or after is not the id of an event",
        "use the id of the last event that you dealt with, 0 for all that are kept, or none for new ones",
    )
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_header_goes_before_the_address() {
        let start = |header: &str, after: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert("last-event-id", HeaderValue::from_str(header).unwrap());
            let after = after.map(str::to_owned);
            After { after }.start(&headers).ok()
        };
        let at = |text: &str| Some(Start::After(text.parse().unwrap()));
        assert_eq!(start("", None), Some(Start::Now));
        assert_eq!(start("", Some("0")), Some(Start::Beginning));
        assert_eq!(start("", Some("t5-1")), at("t5-1"));
        assert_eq!(start("a7-0", Some("0")), at("a7-0"));
        for wrong in ["7-0", "x", "a7"] {
            assert_eq!(start(wrong, None), None);
            assert_eq!(start("", Some(wrong)), None);
        }
    }
}
