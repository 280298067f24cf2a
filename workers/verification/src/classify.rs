//! The one table from what the client reports to a class. Statuses and sentences of the provider are assessed here
//! and nowhere else.

use std::time::{Duration, SystemTime};

use kyc_domain::{Class, Failure, Subject, without_echo};
use radius_api::{Body, Error, ProviderText, RetryAfter};

use crate::{Meaning, Messages, reply::Answer};

/// What the provider's own envelope says, where it brings no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// It has none.
    NoRecord,
    /// That all is well, and nothing of a record.
    Nothing,
    /// That it failed.
    Failed,
}

/// What an answer in a success status means that brings no record.
pub(crate) fn without_record(
    message: Option<String>,
    says: Says,
    retry_after: Option<RetryAfter>,
    messages: &Messages,
    subject: &Subject,
) -> Result<Answer<'static>, Failure> {
    match meaning(message.as_deref().unwrap_or_default(), messages, subject) {
        Some(meaning) => means(meaning, message, retry_after.map(wait)),
        None if says == Says::NoRecord => Ok(Answer::NotFound { message }),
        None if says == Says::Nothing => Err(Failure::new(
            Class::Transient,
            "no_answer",
            format!("What answered says nothing of a record. {CHECK}"),
        )),
        None => Err(Failure::new(
            Class::Refused,
            "envelope_error",
            "The provider said that it failed.",
        )),
    }
}

/// What an error of the client means: some are answers, the others are failures of a class.
pub(crate) fn error(
    error: &Error,
    messages: &Messages,
    subject: &Subject,
) -> Result<Answer<'static>, Failure> {
    let failure = match error {
        Error::Status {
            status,
            message,
            body,
            ..
        } => {
            let said = message.as_ref().map(ProviderText::as_str);
            return status_means(*status, *body, said, error, messages, subject);
        }
        Error::Connect { .. } | Error::TimeoutConnect { .. } => Failure::new(
            Class::Transient,
            error.code(),
            "The provider could not be reached.",
        ),
        Error::TimeoutAfterSend { .. } | Error::TimeoutInBody { .. } => Failure::new(
            Class::Ambiguous,
            error.code(),
            "The provider did not answer in time; the call may be billed.",
        ),
        Error::CutAfterSend { .. } | Error::CutInBody { .. } => Failure::new(
            Class::Ambiguous,
            error.code(),
            "The connection broke before the answer was whole; the call may be billed.",
        ),
        Error::NoAnswer { .. } => Failure::new(
            Class::Transient,
            error.code(),
            format!("What answered is not the provider's API. {CHECK}"),
        ),
        // Nobody's own fault: it holds for all, and opens the circuit.
        Error::Redirect { status } => Failure::new(
            Class::Transient,
            error.code(),
            format!(
                "The provider redirects (status {status}); calls with personal data do not follow. Check KYC_RADIUS_URL."
            ),
        ),
        Error::NotJson { .. }
        | Error::WrongShape { .. }
        | Error::AmbiguousRecord { .. }
        | Error::TooLarge { .. }
        | Error::Undecodable { .. } => return unreadable(error, messages, subject),
        other => Failure::new(Class::Internal, other.code(), "The call could not be made."),
    };
    Err(failure)
}

/// An answer came that cannot be read. What it says of the account, or of an outage, counts whatever its shape.
fn unreadable(
    error: &Error,
    messages: &Messages,
    subject: &Subject,
) -> Result<Answer<'static>, Failure> {
    let said = error.message().map(ProviderText::as_str);
    let meaning = said.and_then(|said| meaning(said, messages, subject));
    if let Some(meaning) = meaning.filter(|meaning| *meaning <= Meaning::Unavailable) {
        return means(meaning, None, None);
    }
    let fingerprint = error.fingerprint();
    let known_by = fingerprint.map_or_else(String::new, |fingerprint| {
        format!(" Its bytes have the fingerprint {fingerprint}.")
    });
    Err(match error {
        Error::NotJson {
            truncated: true, ..
        } => Failure::new(
            Class::Damaged,
            "truncated",
            format!("The answer ends too early.{known_by}"),
        ),
        Error::Undecodable { .. } => Failure::new(
            Class::Damaged,
            error.code(),
            "The answer's compression cannot be undone.",
        ),
        Error::TooLarge { limit, .. } => Failure::new(
            Class::Unreadable,
            error.code(),
            format!("The answer is larger than {limit} bytes: raise KYC_MAX_BODY."),
        ),
        Error::AmbiguousRecord { .. } => Failure::new(
            Class::Unreadable,
            error.code(),
            "The answer has more than one record, and does not say which is meant.",
        ),
        _ => Failure::new(
            Class::Unreadable,
            "unreadable_answer",
            format!(
                "The answer has a shape that this version does not know ({}).{known_by}",
                error.code()
            ),
        ),
    })
}

/// What a sentence means, without the names that were told to the provider and that it may repeat.
fn meaning(sentence: &str, messages: &Messages, subject: &Subject) -> Option<Meaning> {
    messages.meaning(&without_echo(sentence, subject))
}

/// What is said of an answer that is none of the provider's own.
const CHECK: &str = "Check KYC_RADIUS_URL, and what stands between.";

fn status_means(
    status: u16,
    body: Body,
    said: Option<&str>,
    error: &Error,
    messages: &Messages,
    subject: &Subject,
) -> Result<Answer<'static>, Failure> {
    let code = format!("http_{status}");
    let retry_after = error.retry_after().map(wait);
    let is_own = body == Body::Envelope;
    let meaning = said.and_then(|said| meaning(said, messages, subject));
    let said = said.map(ToOwned::to_owned);
    let counts = |meaning: &Meaning| is_heard(status, *meaning, is_own);
    if let Some(meaning) = meaning.filter(counts) {
        return means(meaning, said, retry_after);
    }
    Err(match status {
        408 | 424 | 425 | 429 | 503 if retry_after.is_some() || status == 429 => {
            waiting(code, retry_after)
        }
        408 | 424 | 425 | 500..=599 => Failure::new(Class::Transient, code, "The provider failed."),
        // Absence and refusal are believed from the provider's own envelope only: a gateway, a firewall or a wrong path
        // says nothing of the person who was asked about, nor of the key.
        _ if !is_own => Failure::new(
            Class::Transient,
            foreign(status, body),
            format!(
                "{} answered with status {status}, and not the provider's API. {CHECK}",
                spoken(body)
            ),
        ),
        404 => return Ok(Answer::NotFound { message: said }),
        400 | 422 => return Ok(Answer::Rejected { message: said }),
        401 | 403 => key(code),
        402 => wallet(),
        _ => Failure::new(
            Class::Refused,
            code,
            "The provider answered with a status that nobody expects.",
        ),
    })
}

/// The code of a refusal that is not the provider's own.
fn foreign(status: u16, body: Body) -> String {
    let what = if body == Body::Page {
        "page"
    } else {
        "foreign"
    };
    format!("http_{status}_{what}")
}

fn spoken(body: Body) -> &'static str {
    match body {
        Body::Page => "A page for browsers",
        Body::Text => "A line of text",
        Body::Empty => "An empty answer",
        Body::Json | Body::Envelope => "Something else",
    }
}

/// Whether the sentence beside a status counts more than the status. What ends a job counts from the provider itself only.
fn is_heard(status: u16, meaning: Meaning, is_own: bool) -> bool {
    let most = match status {
        // A server that fails may repeat what another one said.
        402 | 500..=599 => return false,
        408 | 424 | 425 | 429 => Meaning::WalletEmpty,
        401 | 403 if meaning == Meaning::Unavailable => return true,
        401 | 403 | 404 if !is_own => Meaning::Unavailable,
        401 | 403 => Meaning::Throttled,
        404 => Meaning::Unavailable,
        _ if is_own => Meaning::NotFound,
        _ => Meaning::Unavailable,
    };
    meaning <= most
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
        Meaning::Unavailable if retry_after.is_some() => Err(waiting("unavailable", retry_after)),
        Meaning::Unavailable => Err(Failure::new(
            Class::Transient,
            "unavailable",
            "The provider says that it cannot answer now.",
        )),
        Meaning::Rejected => Ok(Answer::Rejected { message }),
        Meaning::NotFound => Ok(Answer::NotFound { message }),
    }
}

fn wait(after: RetryAfter) -> Duration {
    after.wait(SystemTime::now())
}

fn waiting(code: impl Into<String>, retry_after: Option<Duration>) -> Failure {
    let mut failure = Failure::new(Class::Wait, code, "The provider asks to wait.");
    failure.retry_after = retry_after;
    failure
}

fn key(code: impl Into<String>) -> Failure {
    Failure::new(
        Class::Key,
        code,
        "The provider refuses the key for this kind of check.",
    )
}

fn wallet() -> Failure {
    Failure::new(
        Class::Wallet,
        "wallet_empty",
        "The wallet at the provider is empty.",
    )
}

#[cfg(test)]
mod tests;
