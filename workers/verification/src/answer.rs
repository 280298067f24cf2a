//! Reads an answer of the provider: a record, no record, a refusal of the input, or a failure.

use std::sync::OnceLock;

use kyc_domain::{Class, Failure, Identity, Reason, ReasonCode};
use kyc_kinds::Found;
use radius_api::{Reading, Repaired};
use serde_json::Value;

use crate::{Messages, classify, classify::Says, open::Opened, reply::Answer, retained::Received};

/// How answers are interpreted.
#[derive(Clone, Debug, Default)]
pub struct Understanding {
    /// The meanings of the provider's sentences.
    pub messages: Messages,
    /// How the provider's envelope is read.
    pub reading: Reading,
}

/// An answer as it was received, with the forms in which it can be read.
pub(crate) struct Readable<'a> {
    received: &'a Received,
    /// The body without escaped slashes, if it has any.
    plain: Option<Vec<u8>>,
    repaired: OnceLock<Option<Repaired>>,
    /// The size limit of a repaired body, in decoded bytes.
    limit: usize,
}

impl<'a> Readable<'a> {
    pub(crate) fn new(received: &'a Received) -> Self {
        Self {
            received,
            plain: radius_api::without_escaped_slashes(&received.body),
            repaired: OnceLock::new(),
            limit: LARGEST_REPAIRED,
        }
    }

    /// Reads the answer. A body that cannot be read is repaired, if the repair can mean one thing only.
    pub(crate) fn read(&self, opened: &Opened, by: &Understanding) -> Result<Answer<'_>, Failure> {
        let read = |body| (opened.kind.read)(body, &by.reading);
        let plain = self.plain.as_deref().map(read);
        // Errors describe the body as it was received.
        let plain = plain
            .and_then(Result::ok)
            .map_or_else(|| read(&self.received.body), Ok);
        let answer = match plain {
            Err(error) => match self.repaired() {
                Some(repaired) => read(&repaired.body),
                None => Err(error),
            },
            plain => plain,
        };
        let without_record = |message, says| {
            let (after, subject) = (self.received.retry_after, &opened.request.subject);
            classify::without_record(message, says, after, &by.messages, subject)
        };
        // 202 only acknowledges the request; it cannot report the absence of a record.
        let is_final = matches!(
            self.received.about.http_status,
            None | Some(200 | 201 | 203)
        );
        match answer {
            Ok(kyc_kinds::Answer::Found(found)) => {
                about(opened, &found).map(|()| Answer::Found(found))
            }
            Ok(kyc_kinds::Answer::NotFound { message }) if is_final => {
                without_record(message, Says::NoRecord)
            }
            Ok(kyc_kinds::Answer::NotFound { message } | kyc_kinds::Answer::Silent { message }) => {
                without_record(message, Says::Nothing)
            }
            Ok(kyc_kinds::Answer::Refused { message }) => without_record(message, Says::Failed),
            Err(error) => classify::error(&error, &by.messages, &opened.request.subject),
        }
    }

    fn repaired(&self) -> Option<&Repaired> {
        let repair = || radius_api::repair(&self.received.body, self.limit);
        self.repaired.get_or_init(repair).as_ref()
    }

    /// Returns the reasons about the answer itself: repairs that were made, and fields that cannot be read.
    pub(crate) fn reasons(&self, answer: &Answer<'_>) -> Vec<Reason> {
        let repaired = self.repaired.get().and_then(Option::as_ref);
        let repairs = repaired.into_iter().flat_map(|repaired| &repaired.repairs);
        let repaired = repairs.map(|repair| {
            let sentence =
                format!("The answer was damaged, and was read after a repair: {repair}.");
            Reason::from(ReasonCode::AnswerRepaired).saying(sentence)
        });
        let unreadable = match answer {
            Answer::Found(found) => found.unreadable.as_slice(),
            _ => &[],
        };
        let unreadable = unreadable.iter().map(|path| {
            let sentence =
                format!("The field {path} of the answer cannot be read; it counts as unknown.");
            Reason::from(ReasonCode::FieldUnreadable).saying(sentence)
        });
        repaired.chain(unreadable).collect()
    }
}

/// Returns whether the provider's own JSON contains anything but the requested number.
fn tells_more(data: &Value, number: &str) -> bool {
    match data {
        Value::String(text) => !text.trim().is_empty() && !text.contains(number),
        Value::Number(value) => value.to_string() != number.trim_start_matches('0'),
        Value::Array(values) => values.iter().any(|value| tells_more(value, number)),
        Value::Object(fields) => fields.values().any(|value| tells_more(value, number)),
        Value::Bool(_) | Value::Null => false,
    }
}

/// Far more than the size of a real answer. A small body could be crafted to decompress to more.
const LARGEST_REPAIRED: usize = 32 << 20;

/// Checks that a record is about the requested number, and identifies a person or a company.
fn about(opened: &Opened, found: &Found<'_>) -> Result<(), Failure> {
    let subject = &opened.request.subject;
    if (opened.kind.identity)(subject, &found.record) == Identity::Another {
        return Err(Failure::new(
            Class::WrongRecord,
            "answer_for_another",
            "The answer is about another number than the requested one. Nothing of it was used.",
        ));
    }
    let tells_more = tells_more(&found.provider_data, subject.number.expose());
    if found.record.tells_only_its_number() && !tells_more {
        return Err(Failure::new(
            Class::Unreadable,
            "empty_record",
            "The answer repeats the requested number, and says nothing else.",
        ));
    }
    if !found.record.names_somebody() {
        return Err(Failure::new(
            Class::Unreadable,
            "nameless_record",
            "The answer has no name and no date of birth where this version looks for them.",
        ));
    }
    Ok(())
}
