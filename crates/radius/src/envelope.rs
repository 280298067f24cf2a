//! Hides how the envelope is taken apart in one pass, so that long text is scanned once and stays borrowed.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::group::{self, GroupVisitor, Key, Text};
use crate::{Data, ProviderText};

/// An envelope that may hold a record.
pub(crate) struct Envelope<'a, T> {
    pub(crate) head: Head<'a>,
    pub(crate) data: Option<T>,
}

/// The envelope's own words.
#[derive(Default, Deserialize)]
pub(crate) struct Head<'a> {
    #[serde(borrow, default, deserialize_with = "group::Member::read")]
    status: Text<'a>,
    #[serde(default)]
    message: Value,
}

impl Head<'_> {
    /// Whether this is no envelope: neither a status nor a message.
    pub(crate) fn is_empty(&self) -> bool {
        self.status.is_none() && self.message.is_null()
    }

    pub(crate) fn is_success(&self) -> bool {
        self.status
            .as_deref()
            .is_some_and(|status| status.trim().eq_ignore_ascii_case("success"))
    }

    pub(crate) fn status(&self) -> ProviderText {
        ProviderText::new(self.status.as_deref().unwrap_or_default())
    }

    /// The message: text as it is, anything else (validation errors, say) as JSON.
    pub(crate) fn message(&self) -> Option<ProviderText> {
        match &self.message {
            Value::Null => None,
            Value::String(text) if text.trim().is_empty() => None,
            Value::String(text) => Some(ProviderText::new(text)),
            other => Some(ProviderText::new(&other.to_string())),
        }
    }
}

impl<'de, T: Data<'de>> Deserialize<'de> for Envelope<'de, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EnvelopeVisitor(PhantomData))
    }
}

struct EnvelopeVisitor<T>(PhantomData<T>);

impl<'de, T: Data<'de>> Visitor<'de> for EnvelopeVisitor<T> {
    type Value = Envelope<'de, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an envelope")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut head = Head::default();
        let mut data = None;
        while let Some(Key(key)) = map.next_key()? {
            match &*key {
                "status" => head.status = group::next(&mut map)?,
                "message" => head.message = map.next_value()?,
                "data" => data = map.next_value_seed(Wrapper(PhantomData))?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if head.is_empty() {
            return Err(A::Error::custom("neither status nor message"));
        }
        Ok(Envelope { head, data })
    }
}

/// The envelope's `data`: `{"type":"response","data":{…}}`, or one of the ways to say nothing.
struct Wrapper<T>(PhantomData<T>);

impl<'de, T: Data<'de>> DeserializeSeed<'de> for Wrapper<T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Data<'de>> Visitor<'de> for Wrapper<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the envelope's data")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<T>, A::Error> {
        let mut data = None;
        let mut unknown = false;
        while let Some(Key(key)) = map.next_key()? {
            match &*key {
                "data" => data = Some(map.next_value_seed(Payload(PhantomData))?),
                key => {
                    unknown |= key != "type";
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        match data {
            Some(data) => Ok(data),
            // Something is there, though not where a record stands: that is no proof of absence.
            None if unknown => Err(A::Error::custom("no record where one stands")),
            None => Ok(None),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Option<T>, A::Error> {
        group::no_elements(seq, &self).map(|()| None)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Option<T>, E> {
        group::no_text(text, &self).map(|()| None)
    }

    fn visit_unit<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }
}

/// The record itself; `None` if it says nothing.
struct Payload<T>(PhantomData<T>);

impl<'de, T: Data<'de>> DeserializeSeed<'de> for Payload<T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        let data: T = deserializer.deserialize_any(GroupVisitor(PhantomData))?;
        if data.is_blank() {
            return Ok(None);
        }
        // As above: an object of unknown fields is no record, and no proof that there is none.
        if data.known_is_blank() {
            return Err(D::Error::custom("none of the record's groups"));
        }
        Ok(Some(data))
    }
}
