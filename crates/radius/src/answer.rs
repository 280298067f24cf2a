//! Hides the provider's envelope: what is told apart is whether there is a record, none, or a refusal.

use std::borrow::Cow;
use std::fmt;

use serde_json::error::Category;

use crate::envelope::{Envelope, Head};
use crate::picked::Picked;
use crate::{Data, Error, Fingerprint, Position, ProviderText};

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
/// use radius_api::{Answer, bvn, read};
///
/// let body = br#"{"status":"success","data":{"type":"response","data":
///     {"profile":{"first_name":"Ada","gender":""}}},"message":null}"#;
/// let Answer::Found(record) = read::<bvn::Data>(body)? else { panic!("there is a record") };
/// assert_eq!(record.data.profile.first_name.as_deref(), Some("Ada"));
/// assert_eq!(record.data.profile.gender, None);
/// # Ok::<(), radius_api::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotJson`] if `body` is no JSON or ends early. [`Error::WrongShape`] if it is not the
/// envelope, if a group is not an object or a text is an object or array, or if what stands in the
/// record's place has none of its groups.
pub fn read<'a, T: Data<'a>>(body: &'a [u8]) -> Result<Answer<'a, T>, Error> {
    match serde_json::from_slice::<Envelope<T>>(body) {
        Ok(envelope) => Ok(answer(envelope, body)),
        Err(error) => refusal(body).ok_or_else(|| unreadable(&error, body)),
    }
}

fn answer<'a, T>(Envelope { head, data }: Envelope<'_, T>, body: &'a [u8]) -> Answer<'a, T> {
    let message = head.message();
    match data {
        _ if !head.is_success() => Answer::Refused {
            status: head.status(),
            message,
        },
        Some(data) => Answer::Found(Record {
            data,
            message,
            body,
        }),
        None => Answer::Empty { message },
    }
}

/// The refusal in a body whose `data` is no record: beside a refusal it may be anything.
fn refusal<'a, T>(body: &'a [u8]) -> Option<Answer<'a, T>> {
    let head = serde_json::from_slice::<Head>(body).ok()?;
    let refused = Answer::Refused {
        status: head.status(),
        message: head.message(),
    };
    (!head.is_empty() && !head.is_success()).then_some(refused)
}

/// The fault, without serde's words: those quote the body.
fn unreadable(error: &serde_json::Error, body: &[u8]) -> Error {
    let at = Position {
        line: error.line(),
        column: error.column(),
    };
    let fingerprint = Fingerprint::of(body);
    match error.classify() {
        Category::Data => Error::WrongShape { at, fingerprint },
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
    /// [`Error::Envelope`] for a refusal.
    pub fn into_found(self) -> Result<Option<Record<'a, T>>, Error> {
        match self {
            Self::Found(record) => Ok(Some(record)),
            Self::Empty { .. } => Ok(None),
            Self::Refused { status, message } => Err(Error::Envelope { status, message }),
        }
    }
}

impl<'a, T: Data<'a>> Record<'a, T> {
    /// The provider's record as it was sent (the object `data.data`), without the images
    /// `biodata.image` and `biodata.signature`.
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
fn without<'a>(body: &'a [u8], images: [Option<&str>; 2]) -> Cow<'a, [u8]> {
    let start = |image: &str| image.as_ptr().addr().checked_sub(body.as_ptr().addr());
    let mut cuts: Vec<(usize, usize)> = images
        .into_iter()
        .flatten()
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
