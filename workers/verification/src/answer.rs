//! What the source said: a record, none, a refusal of the input, or a failure.

use kyc_domain::{Call, Failure};
use kyc_kinds::{Found, Kind};

use crate::{Messages, classify, upstream::Sent};

/// An answer that ends the verification.
pub(crate) enum Answer<'a> {
    /// A record.
    Found(Box<Found<'a>>),
    /// The source has none.
    NotFound {
        /// In its own words, with numbers masked.
        message: Option<String>,
    },
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
        classify::error(error, messages).map_err(|failure| {
            // An answer that cannot be read may be billed like one that never came.
            failure.after(Call {
                unanswered: error.may_be_billed(),
                ..sent.call()
            })
        })
    };
    let reply = match &sent.result {
        Ok(reply) => reply,
        Err(error) => return failed(error),
    };
    let without_record = |message, is_success| {
        classify::without_record(message, is_success, reply.retry_after, messages)
            .map_err(|failure| failure.after(sent.call()))
    };
    match (kind.read)(&reply.body) {
        Ok(kyc_kinds::Answer::Found(found)) => Ok(Answer::Found(found)),
        Ok(kyc_kinds::Answer::NotFound { message }) => without_record(message, true),
        Ok(kyc_kinds::Answer::Refused { message }) => without_record(message, false),
        Err(error) => failed(&error),
    }
}
