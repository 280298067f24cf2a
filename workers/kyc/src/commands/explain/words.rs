//! Sentences for states, classes, costs and rules.

use kyc_domain::Rule;
use kyc_queue::{State, Verification};

use crate::output;

/// Returns the state of a verification, or its result, in a sentence.
pub(super) fn state(known: &Verification) -> String {
    let sentence = of_state(known);
    match known.erased {
        true if sentence.is_empty() => output::ERASED.to_owned(),
        true => format!("{sentence} {}", output::ERASED),
        false => sentence,
    }
}

fn of_state(known: &Verification) -> String {
    match known.state {
        State::Waiting => known.waiting.as_ref().map_or_else(String::new, |waiting| {
            output::why_not_yet(waiting, known.id)
        }),
        State::Running => "A worker is running it.".to_owned(),
        State::Completed => known
            .outcome
            .as_ref()
            .map_or_else(String::new, |outcome| outcome.verdict.sentence().to_owned()),
        State::Dead | State::Cancelled => known.sentence.clone().unwrap_or_default(),
    }
}

/// Returns how an attempt ended, by its class.
pub(super) fn class(class: &str) -> &'static str {
    match class {
        "completed" => "The provider answered.",
        "reused" => "A cached answer was reused; no call was made.",
        "shared" => {
            "The verification that asked the same failed for good; its calls were made for this one too."
        }
        "stalled" => "Its worker died or hung; a call may have been sent.",
        "transient" => "The provider failed, or could not be reached.",
        "ambiguous" => "The call was sent and no answer came; it may have been billed.",
        "reread" => "The retained answer was read again; no call was made.",
        "damaged" => "The answer could not be read; asking again may give a whole one.",
        "unreadable" => {
            "The answer could not be read. It is kept; asking again would give the same."
        }
        "wrong_record" => {
            "The answer was about somebody else. It is kept, and nobody is assessed by it."
        }
        "refused" => "The provider reported a failure.",
        "wait" => "The provider asked to wait; the attempt does not count.",
        "key" => "The provider refused the key; the attempt does not count.",
        "wallet" => "The wallet at the provider was empty; the attempt does not count.",
        "sandbox" => "A sandbox answered, not the provider; the attempt does not count.",
        "store" => {
            "The record or its images could not be stored. The answer is kept; storing it again needs no call."
        }
        "internal" => "Our own store or code failed.",
        "hopeless" => "It can never succeed.",
        _ => "",
    }
}

/// Returns the calls of a verification in sentences.
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

/// Returns the sentence of a rule; empty for a rule that this version does not know.
pub(super) fn rule(code: &str) -> &'static str {
    Rule::named(code).map_or("", Rule::sentence)
}
