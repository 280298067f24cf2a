//! The one table from what the client reports to a class. Statuses and sentences of the source are judged here
//! and nowhere else.

use std::time::{Duration, SystemTime};

use kyc_domain::{Class, Failure};
use radius_api::{Error, ProviderText, RetryAfter};

use crate::{Meaning, Messages, answer::Answer};

/// What an answer in a success status means that brings no record.
pub(crate) fn without_record(
    message: Option<String>,
    is_success: bool,
    retry_after: Option<RetryAfter>,
    messages: &Messages,
) -> Result<Answer<'static>, Failure> {
    match messages.meaning(message.as_deref().unwrap_or_default()) {
        Some(meaning) => means(meaning, message, retry_after.map(wait)),
        None if is_success => Ok(Answer::NotFound { message }),
        None => Err(Failure::new(
            Class::Refused,
            "envelope_error",
            "The source said that it failed.",
        )),
    }
}

/// What an error of the client means: some are answers, the others are failures of a class.
pub(crate) fn error(error: &Error, messages: &Messages) -> Result<Answer<'static>, Failure> {
    let failure = match error {
        // A path that is not there says nothing of the person who was asked about.
        Error::Status {
            status: 404,
            page: true,
            ..
        } => Failure::new(
            Class::Unreadable,
            "http_404_page",
            "A page for browsers answered with status 404, and not the source's API. Check KYC_RADIUS_URL.",
        ),
        Error::Status {
            status, message, ..
        } => return status_means(*status, message.as_ref(), error, messages),
        Error::Connect { .. } | Error::TimeoutConnect { .. } => Failure::new(
            Class::Transient,
            error.code(),
            "The source could not be reached.",
        ),
        Error::TimeoutAfterSend { .. } | Error::TimeoutInBody { .. } => Failure::new(
            Class::Ambiguous,
            error.code(),
            "The source did not answer in time; the call may be billed.",
        ),
        Error::CutAfterSend { .. } | Error::CutInBody { .. } => Failure::new(
            Class::Ambiguous,
            error.code(),
            "The connection broke before the answer was whole; the call may be billed.",
        ),
        Error::NotJson { fingerprint, .. } | Error::WrongShape { fingerprint, .. } => Failure::new(
            Class::Unreadable,
            error.code(),
            format!("The answer cannot be read; its bytes have the fingerprint {fingerprint}."),
        ),
        Error::TooLarge { limit, .. } => Failure::new(
            Class::Unreadable,
            error.code(),
            format!("The answer is larger than {limit} bytes."),
        ),
        Error::Undecodable { .. } => Failure::new(
            Class::Unreadable,
            error.code(),
            "The answer's compression cannot be undone.",
        ),
        // Nobody's own fault: it holds for all, and opens the circuit.
        Error::Redirect { status } => Failure::new(
            Class::Transient,
            error.code(),
            format!(
                "The source redirects (status {status}); calls with personal data do not follow. Check KYC_RADIUS_URL."
            ),
        ),
        other => Failure::new(Class::Internal, other.code(), "The call could not be made."),
    };
    Err(failure)
}

fn status_means(
    status: u16,
    message: Option<&ProviderText>,
    error: &Error,
    messages: &Messages,
) -> Result<Answer<'static>, Failure> {
    let code = format!("http_{status}");
    let retry_after = error.retry_after().map(wait);
    let said = message.and_then(|message| messages.meaning(message.as_str()));
    let message = message.map(|message| message.as_str().to_owned());
    if let Some(meaning) = said.filter(|said| Some(*said) <= heard(status)) {
        return means(meaning, message, retry_after);
    }
    Err(match status {
        404 => return Ok(Answer::NotFound { message }),
        400 | 422 => return Ok(Answer::Rejected { message }),
        401 | 403 => key(code),
        402 => wallet(),
        408 | 425 | 429 | 503 if retry_after.is_some() || status == 429 => {
            waiting(code, retry_after)
        }
        408 | 425 | 500..=599 => Failure::new(Class::Transient, code, "The source failed."),
        _ => Failure::new(
            Class::Refused,
            code,
            "The source answered with a status that nobody expects.",
        ),
    })
}

/// Up to which meaning the sentence beside a status counts more than the status; `None` where the status says it all.
fn heard(status: u16) -> Option<Meaning> {
    match status {
        // A server that fails may repeat what another one said.
        402 | 500..=599 => None,
        408 | 425 | 429 => Some(Meaning::WalletEmpty),
        401 | 403 => Some(Meaning::Throttled),
        404 => Some(Meaning::KeyRefused),
        _ => Some(Meaning::NotFound),
    }
}

fn means(
    meaning: Meaning,
    message: Option<String>,
    retry_after: Option<Duration>,
) -> Result<Answer<'static>, Failure> {
    match meaning {
        Meaning::WalletEmpty => Err(wallet()),
        Meaning::Throttled => Err(waiting("throttled", retry_after)),
        Meaning::KeyRefused => Err(key("key_refused")),
        Meaning::Rejected => Ok(Answer::Rejected { message }),
        Meaning::NotFound => Ok(Answer::NotFound { message }),
    }
}

fn wait(after: RetryAfter) -> Duration {
    after.wait(SystemTime::now())
}

fn waiting(code: impl Into<String>, retry_after: Option<Duration>) -> Failure {
    let mut failure = Failure::new(Class::Wait, code, "The source asks to wait.");
    failure.retry_after = retry_after;
    failure
}

fn key(code: impl Into<String>) -> Failure {
    Failure::new(
        Class::Key,
        code,
        "The source refuses the key for this kind of check.",
    )
}

fn wallet() -> Failure {
    Failure::new(
        Class::Wallet,
        "wallet_empty",
        "The wallet at the source is empty.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const WALLET: &str = "The wallet is empty";
    const OFTEN: &str = "Called too often";
    const KEY: &str = "The key is void";
    const WRONG: &str = "The input is wrong";
    const NONE: &str = "There is none";
    const OTHER: &str = "Out of order";

    fn messages() -> Messages {
        let patterns = |text: &str| std::iter::once(text).collect();
        Messages {
            wallet_empty: patterns("wallet"),
            throttled: patterns("too often"),
            key_refused: patterns("key"),
            rejected: patterns("wrong"),
            not_found: patterns("none"),
        }
    }

    /// A class's name, or the verdict.
    fn name(answer: &Result<Answer<'static>, Failure>) -> &'static str {
        match answer {
            Ok(Answer::Found(_)) => "found",
            Ok(Answer::NotFound { message: None } | Answer::Rejected { message: None }) => {
                "wordless"
            }
            Ok(Answer::NotFound { .. }) => "not_found",
            Ok(Answer::Rejected { .. }) => "rejected",
            Err(failure) => failure.class.as_str(),
        }
    }

    #[test]
    fn every_status_with_every_sentence() {
        let said = [WALLET, OFTEN, KEY, WRONG, NONE, OTHER];
        #[rustfmt::skip]
        let rows = [
            (400, ["wallet", "wait", "key", "rejected", "not_found", "rejected"]),
            (401, ["wallet", "wait", "key", "key", "key", "key"]),
            (402, ["wallet"; 6]),
            (403, ["wallet", "wait", "key", "key", "key", "key"]),
            (404, ["wallet", "wait", "key", "not_found", "not_found", "not_found"]),
            (405, ["wallet", "wait", "key", "rejected", "not_found", "refused"]),
            (408, ["wallet", "transient", "transient", "transient", "transient", "transient"]),
            (422, ["wallet", "wait", "key", "rejected", "not_found", "rejected"]),
            (425, ["wallet", "transient", "transient", "transient", "transient", "transient"]),
            (429, ["wallet", "wait", "wait", "wait", "wait", "wait"]),
            (500, ["transient"; 6]),
            (503, ["transient"; 6]),
            (599, ["transient"; 6]),
        ];
        for (status, classes) in rows {
            for (sentence, class) in said.into_iter().zip(classes) {
                let answer = error(
                    &Error::Status {
                        status,
                        retry_after: None,
                        sandbox: false,
                        message: Some(ProviderText::new(sentence)),
                        page: false,
                    },
                    &messages(),
                );
                assert_eq!(name(&answer), class, "{status}: {sentence}");
            }
        }
    }

    #[test]
    fn every_sentence_in_a_success_status() {
        for (sentence, refused, empty) in [
            (WALLET, "wallet", "wallet"),
            (OFTEN, "wait", "wait"),
            (KEY, "key", "key"),
            (WRONG, "rejected", "rejected"),
            (NONE, "not_found", "not_found"),
            (OTHER, "refused", "not_found"),
        ] {
            for (is_success, class) in [(false, refused), (true, empty)] {
                let said = Some(sentence.to_owned());
                let answer = without_record(said, is_success, None, &messages());
                assert_eq!(name(&answer), class, "{is_success}: {sentence}");
            }
        }
    }

    #[test]
    fn a_named_wait_holds_wherever_a_wait_is_told() {
        let after = Some(RetryAfter::Delay(Duration::from_secs(7)));
        for status in [400, 403, 404, 408, 425, 429, 503] {
            let answer = error(
                &Error::Status {
                    status,
                    retry_after: after,
                    sandbox: false,
                    message: Some(ProviderText::new(OFTEN)),
                    page: false,
                },
                &messages(),
            );
            let asked = answer.err().and_then(|failure| failure.retry_after);
            assert_eq!(asked, Some(Duration::from_secs(7)), "{status}");
        }
        let answer = without_record(Some(OFTEN.to_owned()), false, after, &messages());
        let asked = answer.err().and_then(|failure| failure.retry_after);
        assert_eq!(asked, Some(Duration::from_secs(7)));
    }
}
