//! Hides the provider's envelope: what is told apart is whether there is a record, none, or a refusal.

use std::borrow::Cow;
use std::fmt;

use serde_json::error::Category;

use crate::body::Body;
use crate::data::photo::adopt_photo;
use crate::envelope::{Envelope, Payload};
use crate::picked::Picked;
use crate::repair;
use crate::{Data, Error, Fingerprint, Position, ProviderText, Reading};

/// What an envelope says.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer<'a, T> {
    /// `success`, with a record.
    Found(Record<'a, T>),
    /// `success`, without one: nothing there, or every field blank.
    Empty {
        /// The envelope's `message`.
        message: Option<ProviderText>,
    },
    /// `success`, and nothing is said of a record: there is no `data` at all.
    Silent {
        /// The envelope's `message`.
        message: Option<ProviderText>,
    },
    /// A `status` other than `success`.
    Refused {
        /// The envelope's `status`; empty if there is none.
        status: ProviderText,
        /// The envelope's `message`.
        message: Option<ProviderText>,
    },
}

/// A record, and the body it is borrowed from. `Debug` shows nothing of either.
#[derive(Clone, PartialEq)]
pub struct Record<'a, T> {
    /// The record, typed.
    pub data: T,
    /// The envelope's `message`: null in every sample.
    pub message: Option<ProviderText>,
    body: &'a [u8],
}

/// Reads the body of an answer whose HTTP status was good.
///
/// The record's text is borrowed from `body`; see [`Text`](crate::Text) for what counts as text and
/// as blank. Groups that are missing, null, `[]` or blank are empty. Fields and groups that the
/// provider's collection does not have are kept in `extra`. Of a key that is there twice, the last counts.
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
/// [`Error::NoAnswer`] if `body` is a page, text or nothing; [`Error::NotJson`] if it is no JSON or ends early.
/// [`Error::AmbiguousRecord`] if there is more than one record. [`Error::WrongShape`] if it is not the envelope, if the
/// envelope contradicts itself, or if what stands in the record's place has none of its groups.
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
            fingerprint: Fingerprint::of(body),
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
        // A record beside a status that is none of success, or beside a word of failure: one of them is not true.
        Payload::One(_) if !is_success || head.says_failed => wrong(message),
        Payload::Several if is_success => Err(Error::AmbiguousRecord {
            fingerprint: Fingerprint::of(body),
        }),
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
        // Pending, queued, or whatever else: not that there is none.
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

/// A status that means that there is no record.
fn is_absence(status: &str) -> bool {
    let plain = status.to_ascii_lowercase().replace(['_', '-'], " ");
    ["not found", "no record", "no data"].contains(&&*plain)
}

/// JSON that says nothing at all.
fn is_nothing(body: &[u8]) -> bool {
    let mut plain = body.iter().filter(|byte| !byte.is_ascii_whitespace());
    matches!(
        (plain.next(), plain.next(), plain.next()),
        (None, ..) | (Some(b'{'), Some(b'}'), None) | (Some(b'['), Some(b']'), None)
    ) || body.trim_ascii() == b"null"
}

/// The fault, without serde's words: those quote the body.
fn unreadable(error: &serde_json::Error, body: &[u8]) -> Error {
    let at = Position {
        line: error.line(),
        column: error.column(),
    };
    let fingerprint = Fingerprint::of(body);
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
            fingerprint,
        },
        Category::Data => Error::WrongShape {
            at,
            fingerprint,
            message: None,
        },
        category => Error::NotJson {
            truncated: category == Category::Eof,
            at,
            fingerprint,
        },
    }
}

impl<'a, T> Answer<'a, T> {
    /// The record, or `None` where there is none.
    ///
    /// # Errors
    /// [`Error::Envelope`] for a refusal, [`Error::NoAnswer`] where nothing was said of a record.
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
    /// The paths of fields whose type nobody expects, such as `profile.middle_name`: they count as blank.
    pub fn unreadable(&self) -> Vec<String> {
        let mut paths = Vec::new();
        self.data
            .report_unreadable("", &mut |path| paths.push(path));
        paths
    }

    /// The provider's record as it was sent, without the images `biodata.image` and `biodata.signature`, and without
    /// whatever else looks like one.
    ///
    /// Reads the body once more, but not its images: some microseconds.
    ///
    /// # Errors
    /// As of [`read`]; none is known for a body that `read` has read, other than one of its groups
    /// or the envelope's `data` being there twice.
    pub fn record_json(&self) -> Result<serde_json::Value, Error> {
        let body = without(self.body, self.data.images());
        serde_json::from_slice::<Picked>(&body)
            .map(Picked::into_value)
            .map_err(|error| unreadable(&error, self.body))
    }
}

/// The body with the images cut out that are borrowed from it: to skip them, they would have to be read.
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
