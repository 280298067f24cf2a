//! Codes as sentences.

use kyc_domain::Rule;
use kyc_queue::{State, Verification};

use crate::output;

/// How a verification stands, or what came of it.
pub(super) fn standing(known: &Verification) -> String {
    match known.state {
        State::Waiting => known.waiting.as_ref().map_or_else(String::new, |waiting| {
            output::why_not_yet(waiting, known.id)
        }),
        State::Running => "A worker has it.".to_owned(),
        State::Completed => known
            .outcome
            .as_ref()
            .map_or_else(String::new, |outcome| outcome.verdict.sentence().to_owned()),
        State::Dead | State::Cancelled => known.sentence.clone().unwrap_or_default(),
    }
}

/// What an attempt came to, by its class.
pub(super) fn class(class: &str) -> &'static str {
    match class {
        "completed" => "The provider answered.",
        "reused" => "An answer that was there was reused; no call was made.",
        "shared" => {
            "The verification that asked the same failed for good; its calls were made for this one too."
        }
        "stalled" => "Its worker died or hung; a call may have been sent.",
        "transient" => "The provider failed, or could not be reached.",
        "ambiguous" => "The call was sent and no answer came; it may have been billed.",
        "reread" => "The answer that was kept was read; no call was made.",
        "damaged" => "The answer could not be read; asking again may give a whole one.",
        "unreadable" => {
            "The answer could not be read. It is kept; asking again would give the same."
        }
        "wrong_record" => {
            "The answer was of somebody else. It is kept, and nobody is assessed by it."
        }
        "refused" => "The provider said that it failed.",
        "wait" => "The provider asked to wait; the attempt does not count.",
        "key" => "The provider refused the key; the attempt does not count.",
        "wallet" => "The wallet at the provider was empty; the attempt does not count.",
        "store" => {
            "The record or its images could not be stored. The answer is kept; no call is made to try again."
        }
        "internal" => "Our own store or code failed.",
        "hopeless" => "It can never succeed.",
        _ => "",
    }
}

/// What it cost.
pub(super) fn cost(known: &Verification) -> String {
    let reused = known
        .outcome
        .as_ref()
        .is_some_and(|outcome| outcome.reused.is_some());
    let calls = match known.calls {
        0 if reused => "No call: an answer was reused.".to_owned(),
        0 => "No call was sent.".to_owned(),
        1 => "One call was sent.".to_owned(),
        calls => format!("{calls} calls were sent."),
    };
    match known.unanswered_calls {
        0 => calls,
        1 => format!("{calls} One of them had no answer and may have been billed."),
        unanswered => {
            format!("{calls} {unanswered} of them had no answer and may have been billed.")
        }
    }
}

/// Why a comparison came out as it did; nothing for a rule of another version.
pub(super) fn rule(code: &str) -> &'static str {
    Rule::named(code).map_or("", Rule::sentence)
}
