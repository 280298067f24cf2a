//! What the provider answered, in one shape for all kinds.

use std::borrow::Cow;

use kyc_domain::{Company, Person, Record};
use radius_api::{ProviderText, Reading};
use serde_json::Value;

/// An image as it came: base64 text, still borrowed from the answer's bytes.
pub struct Encoded<'a> {
    /// `photo` or `signature`.
    pub name: &'static str,
    /// The text; `None` where the provider left it blank.
    pub text: Option<Cow<'a, str>>,
}

/// A record that was found.
pub struct Found<'a> {
    /// In our shape.
    pub record: Record,
    /// The provider's own JSON, without images.
    pub provider_data: Value,
    /// The images its kind should have.
    pub images: Vec<Encoded<'a>>,
    /// Paths of fields that could not be read, such as `profile.middle_name`: they count as blank.
    pub unreadable: Vec<String>,
}

/// What the provider answered in a success status.
pub enum Answer<'a> {
    /// A record.
    Found(Box<Found<'a>>),
    /// Success, but no record.
    NotFound {
        /// The provider's own sentence, with numbers masked.
        message: Option<String>,
    },
    /// Success, and nothing is said of a record.
    Silent {
        /// The provider's own sentence, with numbers masked.
        message: Option<String>,
    },
    /// The envelope says that the provider failed.
    Refused {
        /// The provider's own sentence, with numbers masked.
        message: Option<String>,
    },
}

/// Reads an answer whose data is a `T`; `split` takes it apart.
pub(crate) fn read<'a, T: radius_api::Data<'a>>(
    body: &'a [u8],
    by: &Reading,
    split: fn(T) -> (Record, Vec<Encoded<'a>>),
) -> Result<Answer<'a>, radius_api::Error> {
    match radius_api::read::<T>(body, by)? {
        radius_api::Answer::Found(found) => {
            let (provider_data, unreadable) = (found.record_json()?, found.unreadable());
            let (record, images) = split(found.data);
            Ok(Answer::Found(Box::new(Found {
                record,
                provider_data,
                images,
                unreadable,
            })))
        }
        radius_api::Answer::Empty { message } => Ok(Answer::NotFound {
            message: message.map(ProviderText::into_string),
        }),
        radius_api::Answer::Silent { message } => Ok(Answer::Silent {
            message: message.map(ProviderText::into_string),
        }),
        radius_api::Answer::Refused { message, .. } => Ok(Answer::Refused {
            message: message.map(ProviderText::into_string),
        }),
    }
}

/// A value that the collection does not have, as text: of a text, of a number, or of a list of one of these.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(values) => match &values[..] {
            [value] if !value.is_array() => text_of(value),
            _ => None,
        },
        _ => None,
    }
}

/// A person's record.
pub(crate) fn person(person: Person) -> Record {
    Record::Person(Box::new(person))
}

/// A company's record.
pub(crate) fn company(company: Company) -> Record {
    Record::Company(Box::new(company))
}

/// The image of a face.
pub(crate) fn photo(text: Option<Cow<'_, str>>) -> Encoded<'_> {
    Encoded {
        name: "photo",
        text,
    }
}

/// The image of a signature.
pub(crate) fn signature(text: Option<Cow<'_, str>>) -> Encoded<'_> {
    Encoded {
        name: "signature",
        text,
    }
}
