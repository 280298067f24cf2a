//! The one table from what the client reports to a class. Statuses and sentences of the source are judged here
//! and nowhere else.

use std::time::{Duration, SystemTime};

use kyc_domain::{Class, Failure};
use radius_api::{Error, ProviderText};

use crate::answer::Answer;

/// Sentences of the source that mean more than a failure. The source documents none, so they are configuration:
/// parts of sentences, compared without regard to case.
#[derive(Clone, Debug)]
pub struct Messages {
    /// The record does not exist.
    pub not_found: Vec<String>,
    /// The wallet is empty.
    pub wallet_empty: Vec<String>,
}

impl Default for Messages {
    fn default() -> Self {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Self {
            not_found: texts(&["not found", "no record"]),
            wallet_empty: texts(&[
                "insufficient balance",
                "insufficient fund",
                "low balance",
                "wallet balance",
            ]),
        }
    }
}

impl Messages {
    /// An envelope in a success status that does not say success.
    pub(crate) fn refused(&self, message: Option<&str>) -> Result<Answer<'static>, Failure> {
        let text = message.unwrap_or_default();
        if any_in(&self.wallet_empty, text) {
            return Err(wallet());
        }
        if any_in(&self.not_found, text) {
            return Ok(Answer::NotFound);
        }
        Err(Failure::new(
            Class::Refused,
            "envelope_error",
            "The source said that it failed.",
        ))
    }

    fn empties_wallet(&self, message: Option<&ProviderText>) -> bool {
        message.is_some_and(|message| any_in(&self.wallet_empty, message.as_str()))
    }
}

fn any_in(patterns: &[String], text: &str) -> bool {
    let text = text.to_lowercase();
    patterns
        .iter()
        .any(|pattern| text.contains(&pattern.to_lowercase()))
}

/// What an error of the client means: some are answers, the others are failures of a class.
pub(crate) fn classify(error: &Error, messages: &Messages) -> Result<Answer<'static>, Failure> {
    let failure = match error {
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
        Error::Redirect { status } => Failure::new(
            Class::Refused,
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
    let retry_after = error
        .retry_after()
        .map(|after| after.wait(SystemTime::now()));
    if status == 402 || (status < 500 && messages.empties_wallet(message)) {
        return Err(wallet());
    }
    Err(match status {
        404 => return Ok(Answer::NotFound),
        400 | 422 => {
            let message = message.map(|message| message.as_str().to_owned());
            return Ok(Answer::Rejected { message });
        }
        401 | 403 => Failure::new(
            Class::Key,
            code,
            "The source refuses the key for this kind of check.",
        ),
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

fn waiting(code: String, retry_after: Option<Duration>) -> Failure {
    let mut failure = Failure::new(Class::Wait, code, "The source asks to wait.");
    failure.retry_after = retry_after;
    failure
}

fn wallet() -> Failure {
    Failure::new(
        Class::Wallet,
        "wallet_empty",
        "The wallet at the source is empty.",
    )
}
