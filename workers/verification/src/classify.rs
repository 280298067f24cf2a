//! The one table from a result of the client to a class. No other file looks at statuses or sentences of the provider.

use std::time::{Duration, SystemTime};

use kyc_domain::{Class, Failure, Subject, without_echo};
use radius_api::{Body, Error, ProviderText, RetryAfter};

use crate::{Meaning, Messages, reply::Answer};

/// What the provider's own envelope says if it has no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// There is no record.
    NoRecord,
    /// Success, and nothing about a record.
    Nothing,
    /// The provider failed.
    Failed,
}

/// Classifies an answer with a success status and without a record.
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
            format!("The answer says nothing about a record. {CHECK}"),
        )),
        None => Err(Failure::new(
            Class::Refused,
            "envelope_error",
            "The provider reported a failure.",
        )),
    }
}

/// Classifies an error of the client. Some errors are answers; the others are failures.
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
            "The connection broke before the answer was complete; the call may be billed.",
        ),
        Error::NoAnswer { .. } => Failure::new(
            Class::Transient,
            error.code(),
            format!("The answer is not from the provider's API. {CHECK}"),
        ),
        // It affects all jobs, so it counts as a failure of the provider, and can open the circuit.
        Error::Redirect { status } => Failure::new(
            Class::Transient,
            error.code(),
            format!(
                "The provider redirects (status {status}); calls with personal data do not follow. Check KYC_RADIUS_URL."
            ),
        ),
        Error::NotJson { .. }
        | Error::WrongShape { .. }
        | Error::AmbiguousRecord
        | Error::TooLarge { .. }
        | Error::Undecodable { .. } => return unreadable(error, messages, subject),
        other => Failure::new(Class::Internal, other.code(), "The call could not be made."),
    };
    Err(failure)
}

/// Classifies an answer that cannot be read. A sentence about the account or an outage counts whatever the answer's shape.
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
    Err(match error {
        Error::NotJson {
            truncated: true, ..
        } => Failure::new(Class::Damaged, "truncated", "The answer ends too early."),
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
        Error::AmbiguousRecord => Failure::new(
            Class::Unreadable,
            error.code(),
            "The answer has more than one record, and does not say which is meant.",
        ),
        _ => Failure::new(
            Class::Unreadable,
            "unreadable_answer",
            format!(
                "The answer has a shape that this version does not know ({}).",
                error.code()
            ),
        ),
    })
}

/// Returns the meaning of a sentence. Names that were sent to the provider, and that it may repeat, are removed first.
fn meaning(sentence: &str, messages: &Messages, subject: &Subject) -> Option<Meaning> {
    messages.meaning(&without_echo(sentence, subject))
}

/// The remedy for an answer that is not the provider's own.
const CHECK: &str = "Check KYC_RADIUS_URL, and proxies on the way.";

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
        // Only the provider's own envelope can report an absent record or a refusal: the answer of a gateway, a firewall or
        // a wrong path says nothing about the person or the key.
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
            "The provider answered with an unexpected status.",
        ),
    })
}

/// Returns the code of a refusal that is not the provider's own.
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

/// Returns whether a sentence counts more than the status beside it. A sentence that ends a job counts only from the
/// provider itself.
fn is_heard(status: u16, meaning: Meaning, is_own: bool) -> bool {
    let most = match status {
        // A failing server may repeat a sentence of another server.
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
