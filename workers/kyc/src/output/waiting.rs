//! Explains why a job waits.

use jiff::Timestamp;
use kyc_domain::VerificationId;
use kyc_queue::{ACCOUNT, Waiting};

use super::limits::way_out;

/// Returns the code of the reason, and until when the job waits.
pub(super) fn why(waiting: &Waiting) -> String {
    match waiting.until {
        Some(until) => format!("{} until {until:.0}", waiting.why),
        None => waiting.why.clone(),
    }
}

/// Returns sentences: why the job waits, which limit or pause holds it, until when, how many jobs are before it, and when it
/// is expected to start.
pub(crate) fn sentence(waiting: &Waiting, id: VerificationId) -> String {
    if waiting.is_for_a_person() {
        return for_a_person(id);
    }
    let mut text = reason(waiting);
    match waiting.ahead {
        Some(0) => text += " It is the next of its kind.",
        Some(1) => text += " One job of its kind is before it.",
        Some(ahead) => text += &format!(" {ahead} jobs of its kind are before it."),
        // It waits for a time only, not for its turn.
        None => return text,
    }
    match waiting.expected_at {
        Some(at) => text += &format!(" Its turn is expected at {at:.0}."),
        None => text += " When its turn comes is not known yet.",
    }
    text
}

fn for_a_person(id: VerificationId) -> String {
    format!(
        "Its call may have been billed without an answer, so it waits for your decision: \
         kyc jobs retry {id} calls again and may be billed twice, kyc jobs cancel {id} cancels it."
    )
}

fn reason(waiting: &Waiting) -> String {
    let scope = waiting.scope.as_deref().unwrap_or_default();
    let whose = match scope {
        ACCOUNT => "the account".to_owned(),
        kind => format!("the kind {kind}"),
    };
    let until = waiting.until.map_or_else(String::new, until);
    let by_hand = || format!("until it is resumed: {}.", way_out(scope, &waiting.why));
    match waiting.why.as_str() {
        "not_before" => format!(
            "It must not be sent{}.",
            waiting.until.map_or_else(String::new, before)
        ),
        "retry" => format!("Its next attempt waits{until}."),
        "isolated" => format!(
            "The provider refuses this job, but answers others of its kind: it waits by itself{until}."
        ),
        "blob_store" if scope.is_empty() => {
            format!(
                "The blob store fails, and its answer is kept: it waits{until}, and is then stored again without a call."
            )
        }
        "blob_store" => format!(
            "The blob store fails: {whose} sends nothing{until}, or until an image is stored."
        ),
        "reread" => {
            "Its answer is kept: it waits for a worker that reads it, without a call.".to_owned()
        }
        "coalesced" => waiting.leader.map_or_else(
            || "It waits for the answer to another job, which asks the same.".to_owned(),
            |leader| {
                format!("It waits for the answer to verification {leader}, which asks the same.")
            },
        ),
        "cached" => {
            "An answer that it can reuse is there: it waits for a worker, and needs no call."
                .to_owned()
        }
        "key_records" => {
            "The store of key records does not answer: workers take no jobs until it does. kyc doctor checks it.".to_owned()
        }
        "ready" => "No pause and no limit holds it back.".to_owned(),
        "paused" => format!("It was paused by hand: {whose} sends nothing {}", by_hand()),
        "retry_after" => format!("The provider asked to wait: {whose} sends nothing{until}."),
        "throttled" => {
            format!(
                "The provider says that there were too many calls: {whose} sends nothing{until}."
            )
        }
        "circuit_open" => {
            format!("The provider fails: {whose} sends nothing{until}, and then a single call.")
        }
        "key_refused" => format!(
            "The provider refuses the key: {whose} sends nothing {}",
            by_hand()
        ),
        "wallet_empty" => format!(
            "The provider says that the wallet is empty: {whose} sends nothing {}",
            by_hand()
        ),
        "sandbox_answer" => format!(
            "A sandbox answers in the provider's place: {whose} sends nothing {}",
            by_hand()
        ),
        "unreadable_answers" => format!(
            "Most answers could not be read: {whose} sends nothing {}",
            by_hand()
        ),
        "wrong_records" => format!(
            "Most answers were about other numbers than the requested ones: {whose} sends nothing {}",
            by_hand()
        ),
        "daily_quota" => format!("The day's calls of {whose} are used up{until}."),
        "in_flight" => {
            format!("Workers hold as many jobs of {whose} as its limit allows.")
        }
        "probing" => {
            format!("The provider failed: {whose} sends one call at a time, until one succeeds.")
        }
        "rate" => format!(
            "The rate of {whose} allows the next call{}.",
            waiting.until.map_or_else(String::new, at)
        ),
        other => format!("It waits for {other}{until}."),
    }
}

fn until(at: Timestamp) -> String {
    format!(" until {at:.0}")
}

fn before(at: Timestamp) -> String {
    format!(" before {at:.0}")
}

fn at(at: Timestamp) -> String {
    format!(" at {at:.0}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(why: &str, scope: &str, until: Option<i64>, ahead: Option<u64>) -> Waiting {
        Waiting {
            why: why.to_owned(),
            scope: Some(scope.to_owned()).filter(|scope| !scope.is_empty()),
            leader: None,
            until: until.map(|at| Timestamp::from_second(at).unwrap()),
            ahead,
            expected_at: ahead
                .and_then(|ahead| Timestamp::from_second(i64::try_from(ahead).ok()?).ok()),
        }
    }

    fn told(waiting: &Waiting) -> String {
        sentence(waiting, VerificationId::generate())
    }

    #[test]
    fn what_may_be_billed_names_both_ways_out_and_no_time() {
        let id = VerificationId::generate();
        let said = sentence(&waiting("may_be_billed", "", None, None), id);
        for part in [
            "may have been billed",
            &format!("kyc jobs retry {id} "),
            &format!("kyc jobs cancel {id} "),
        ] {
            assert!(said.contains(part), "{part} is missing in: {said}");
        }
        assert!(!said.contains("until"), "{said}");
    }

    #[test]
    fn every_reason_is_a_sentence() {
        let at = "1970-01-01T00:00:09Z";
        for (waiting, said) in [
            (waiting("not_before", "", Some(9), None), format!("It must not be sent before {at}.")),
            (waiting("retry", "", Some(9), None), format!("Its next attempt waits until {at}.")),
            (
                waiting("ready", "", None, Some(0)),
                "No pause and no limit holds it back. It is the next of its kind. Its turn is expected at 1970-01-01T00:00:00Z."
                    .to_owned(),
            ),
            (
                waiting("rate", "account", Some(9), Some(1)),
                format!(
                    "The rate of the account allows the next call at {at}. One job of its kind is before it. \
                     Its turn is expected at 1970-01-01T00:00:01Z."
                ),
            ),
        ] {
            assert_eq!(told(&waiting), said);
        }
    }

    #[test]
    fn what_only_a_person_ends_names_the_command_and_no_time() {
        for why in ["paused", "key_refused", "wallet_empty"] {
            let waiting = Waiting {
                expected_at: None,
                ..waiting(why, "bvn", None, Some(7))
            };
            let said = told(&waiting);
            for part in [
                "the kind bvn",
                "kyc limits resume bvn.",
                "7 jobs",
                "not known yet",
            ] {
                assert!(said.contains(part), "{part} is missing in: {said}");
            }
        }
    }

    #[test]
    fn what_ends_by_itself_says_when() {
        for why in [
            "retry_after",
            "throttled",
            "circuit_open",
            "daily_quota",
            "rate",
        ] {
            let said = told(&waiting(why, "account", Some(9), Some(2)));
            for part in ["the account", "1970-01-01T00:00:09Z", "2 jobs", "00:00:02Z"] {
                assert!(said.contains(part), "{part} is missing in: {said}");
            }
        }
        for why in ["in_flight", "probing"] {
            assert!(
                told(&waiting(why, "nin", None, Some(2))).contains("the kind nin"),
                "{why}"
            );
        }
    }
}
