//! The provider's answer, in one shape for all kinds.

use std::borrow::Cow;

use kyc_domain::{Company, Person, Record};
use radius_api::{ProviderText, Reading};
use serde_json::Value;

/// An image as it was received: base64 text that is borrowed from the answer.
pub struct Encoded<'a> {
    /// `photo` or `signature`.
    pub name: &'static str,
    /// The text; `None` if the provider left it blank.
    pub text: Option<Cow<'a, str>>,
}

/// A record that was found.
pub struct Found<'a> {
    /// The record, in the shape that all kinds share.
    pub record: Record,
    /// The provider's own JSON, without images.
    pub provider_data: Value,
    /// The images of the kind.
    pub images: Vec<Encoded<'a>>,
    /// The paths of fields that could not be read, such as `profile.middle_name`. They count as blank.
    pub unreadable: Vec<String>,
}

/// The content of an answer with a success status.
pub enum Answer<'a> {
    /// A record.
    Found(Box<Found<'a>>),
    /// A success without a record.
    NotFound {
        /// The provider's own message, with numbers masked.
        message: Option<String>,
    },
    /// A success that says nothing about a record.
    Silent {
        /// The provider's own message, with numbers masked.
        message: Option<String>,
    },
    /// A refusal: the envelope reports a failure.
    Refused {
        /// The provider's own message, with numbers masked.
        message: Option<String>,
    },
}

/// Reads an answer whose data is a `T`. `split` converts the data into a record and its images.
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

/// Returns a value of an undocumented field as text. It may be a text, a number, or a list of one of these.
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

/// Makes a record of a person.
pub(crate) fn person(person: Person) -> Record {
    Record::Person(Box::new(person))
}

/// Makes a record of a company.
pub(crate) fn company(company: Company) -> Record {
    Record::Company(Box::new(company))
}

/// Makes the image of a face.
pub(crate) fn photo(text: Option<Cow<'_, str>>) -> Encoded<'_> {
    Encoded {
        name: "photo",
        text,
    }
}

/// Makes the image of a signature.
pub(crate) fn signature(text: Option<Cow<'_, str>>) -> Encoded<'_> {
    Encoded {
        name: "signature",
        text,
    }
}
