//! What the source said: a record, none, a refusal of the input, or a failure.

use kyc_domain::Failure;
use kyc_kinds::{Found, Kind};

use crate::{Messages, classify::classify, upstream::Sent};

/// An answer that ends the verification.
pub(crate) enum Answer<'a> {
    /// A record.
    Found(Box<Found<'a>>),
    /// The source has none.
    NotFound,
    /// The source calls the input wrong.
    Rejected {
        /// In its own words, with numbers masked.
        message: Option<String>,
    },
}

/// Reads the answer of a call.
pub(crate) fn read<'a>(
    kind: &Kind,
    sent: &'a Sent,
    messages: &Messages,
) -> Result<Answer<'a>, Failure> {
    let failed = |error: &radius_api::Error| {
        classify(error, messages).map_err(|failure| failure.after(sent.call()))
    };
    let reply = match &sent.result {
        Ok(reply) => reply,
        Err(error) => return failed(error),
    };
    match (kind.read)(&reply.body) {
        Ok(kyc_kinds::Answer::Found(found)) => Ok(Answer::Found(found)),
        Ok(kyc_kinds::Answer::NotFound) => Ok(Answer::NotFound),
        Ok(kyc_kinds::Answer::Refused { message }) => messages
            .refused(message.as_deref())
            .map_err(|failure| failure.after(sent.call())),
        Err(error) => failed(&error),
    }
}
