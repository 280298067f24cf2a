//! Interprets the provider's envelope: whether it holds a record, no record, or a refusal.

use std::borrow::Cow;
use std::fmt;

use serde_json::error::Category;

use crate::body::Body;
use crate::data::photo::adopt_photo;
use crate::envelope::{Envelope, Payload};
use crate::picked::Picked;
use crate::repair;
use crate::{Data, Error, Position, ProviderText, Reading};

/// The meaning of an envelope.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer<'a, T> {
    /// A status of success, with a record.
    Found(Record<'a, T>),
    /// A status of success, without a record: its place is empty, or every field is blank.
    Empty {
        /// The envelope's `message`.
        message: Option<ProviderText>,
    },
    /// A status of success, without any `data`: the answer says nothing about a record.
    Silent {
        /// The envelope's `message`.
        message: Option<ProviderText>,
    },
    /// A status other than success, or a reported failure with a message.
    Refused {
        /// The envelope's `status`; empty if there is none.
        status: ProviderText,
        /// The envelope's `message`.
        message: Option<ProviderText>,
    },
}

/// A record, and the body that it is borrowed from. `Debug` shows nothing of either.
#[derive(Clone, PartialEq)]
pub struct Record<'a, T> {
    /// The typed record.
    pub data: T,
    /// The envelope's `message`; null in every sample.
    pub message: Option<ProviderText>,
    body: &'a [u8],
}

/// Reads the body of an answer with a success status.
///
/// The record's text is borrowed from `body`; [`Text`](crate::Text) documents which values are text and which are blank.
/// Groups that are missing, null, `[]` or blank are empty. Fields and groups that the provider's collection does not list
/// are in `extra`. If a key occurs twice, the last value counts.
///
/// ```
/// use radius_api::{Answer, Reading, bvn, read};
///
/// let body = br#"{"status":"success","data":{"type":"response","data":
///     {"profile":{"first_name":"Ada","gender":""}}},"message":null}"#;
/// let answer = read::<bvn::Data>(body, &Reading::default())?;
/// let Answer::Found(record) = answer else { panic!("there is a record") };
/// assert_eq!(record.data.profile.first_name.as_deref(), Some("Ada"));
/// assert_eq!(record.data.profile.gender, None);
/// # Ok::<(), radius_api::Error>(())
/// ```
///
/// # Errors
/// - [`Error::NoAnswer`] if `body` is an HTML page, plain text or empty.
/// - [`Error::NotJson`] if `body` is not JSON or ends early.
/// - [`Error::AmbiguousRecord`] if there is more than one record.
/// - [`Error::WrongShape`] if `body` is not the envelope, if the envelope contradicts itself, or if the value in the record's
///   place has none of its groups.
pub fn read<'a, T: Data<'a>>(body: &'a [u8], by: &Reading) -> Result<Answer<'a, T>, Error> {
    match serde_json::from_slice::<Envelope<T>>(body) {
        Ok(envelope) => answer(envelope, body, by),
        Err(error) => Err(unreadable(&error, body)),
    }
}

fn answer<'a, T: Data<'a>>(
    Envelope { head, data }: Envelope<'_, T>,
    body: &'a [u8],
    by: &Reading,
) -> Result<Answer<'a, T>, Error> {
    let message = head.message();
    let wrong = |message| {
        Err(Error::WrongShape {
            at: Position { line: 1, column: 1 },
            message,
        })
    };
    if is_nothing(body) {
        return Err(Error::NoAnswer { body: Body::Empty });
    }
    if !head.is_whole() {
        return wrong(message);
    }
    let is_success = by.is_success(head.status());
    match data {
        // A record contradicts a status other than success, and a report of failure.
        Payload::One(_) if !is_success || head.says_failed => wrong(message),
        Payload::Several if is_success => Err(Error::AmbiguousRecord),
        _ if !is_success || head.says_failed && message.is_some() => Ok(Answer::Refused {
            status: ProviderText::new(head.status()),
            message,
        }),
        Payload::One(mut data) => {
            adopt_photo(&mut data);
            Ok(Answer::Found(Record {
                data,
                message,
                body,
            }))
        }
        Payload::Nothing if head.says_failed => wrong(message),
        Payload::Nothing if !head.has_data => Ok(Answer::Silent { message }),
        // Such as pending or queued, which does not mean that there is no record.
        Payload::Nothing
            if head
                .inner_status()
                .is_some_and(|inner| !by.is_success(inner) && !is_absence(inner)) =>
        {
            wrong(message)
        }
        Payload::Nothing => Ok(Answer::Empty { message }),
        _ => wrong(message),
    }
}

/// Returns whether a status means that there is no record.
fn is_absence(status: &str) -> bool {
    let plain = status.to_ascii_lowercase().replace(['_', '-'], " ");
    ["not found", "no record", "no data"].contains(&&*plain)
}

/// Returns whether a body is empty JSON: white space, `{}`, `[]` or `null`.
fn is_nothing(body: &[u8]) -> bool {
    let mut plain = body.iter().filter(|byte| !byte.is_ascii_whitespace());
    matches!(
        (plain.next(), plain.next(), plain.next()),
        (None, ..) | (Some(b'{'), Some(b'}'), None) | (Some(b'['), Some(b']'), None)
    ) || body.trim_ascii() == b"null"
}

/// Converts serde's error, without its text, which quotes the body.
fn unreadable(error: &serde_json::Error, body: &[u8]) -> Error {
    let at = Position {
        line: error.line(),
        column: error.column(),
    };
    let body_is = if is_nothing(body) {
        Body::Empty
    } else {
        Body::of(body)
    };
    if body_is != Body::Json && (body_is == Body::Empty || !repair::may_hold_answer(body)) {
        return Error::NoAnswer { body: body_is };
    }
    match error.classify() {
        _ if repair::is_cut(body) => Error::NotJson {
            truncated: true,
            at,
        },
        Category::Data => Error::WrongShape { at, message: None },
        category => Error::NotJson {
            truncated: category == Category::Eof,
            at,
        },
    }
}

impl<'a, T> Answer<'a, T> {
    /// Returns the record, or `None` if there is none.
    ///
    /// # Errors
    /// [`Error::Envelope`] for a refusal; [`Error::NoAnswer`] if the answer says nothing about a record.
    pub fn into_found(self) -> Result<Option<Record<'a, T>>, Error> {
        match self {
            Self::Found(record) => Ok(Some(record)),
            Self::Empty { .. } => Ok(None),
            Self::Silent { .. } => Err(Error::NoAnswer { body: Body::Json }),
            Self::Refused { status, message } => Err(Error::Envelope { status, message }),
        }
    }
}

impl<'a, T: Data<'a>> Record<'a, T> {
    /// Returns the paths of fields of an unexpected type, such as `profile.middle_name`. They count as blank.
    pub fn unreadable(&self) -> Vec<String> {
        let mut paths = Vec::new();
        self.data
            .report_unreadable("", &mut |path| paths.push(path));
        paths
    }

    /// Returns the provider's record as it was sent, without `biodata.image`, `biodata.signature` and any other text that
    /// looks like an image.
    ///
    /// It parses the body again, but not its images, which takes some microseconds.
    ///
    /// # Errors
    /// As for [`read`]. For a body that `read` accepted, the only known cause is a group, or the envelope's `data`, that
    /// occurs twice.
    pub fn record_json(&self) -> Result<serde_json::Value, Error> {
        let body = without(self.body, self.data.images());
        serde_json::from_slice::<Picked>(&body)
            .map(Picked::into_value)
            .map_err(|error| unreadable(&error, self.body))
    }
}

/// Returns the body without the images that are borrowed from it. A parser that skips an image still scans it.
fn without<'a, 'i>(body: &'a [u8], images: impl Iterator<Item = &'i str>) -> Cow<'a, [u8]> {
    let start = |image: &str| image.as_ptr().addr().checked_sub(body.as_ptr().addr());
    let mut cuts: Vec<(usize, usize)> = images
        .filter_map(|image| Some((start(image)?, start(image)? + image.len())))
        .filter(|(_, end)| *end <= body.len())
        .collect();
    cuts.sort_unstable();
    let mut kept = Vec::new();
    let mut from = 0;
    for (start, end) in cuts {
        kept.extend_from_slice(&body[from..start]);
        from = end;
    }
    if from == 0 {
        return Cow::Borrowed(body);
    }
    kept.extend_from_slice(&body[from..]);
    Cow::Owned(kept)
}

impl<T> fmt::Debug for Record<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").finish_non_exhaustive()
    }
}
