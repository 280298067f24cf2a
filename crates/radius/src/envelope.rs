//! Parses the envelope in one pass, so that long text is scanned once and stays borrowed.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::group::{self, GroupVisitor, Key, Text};
use crate::says::{Holds, holds, is_bad_number, is_failure, is_no, is_something};
use crate::words::{self, Words};
use crate::{Data, ProviderText};

/// An envelope that may hold a record.
pub(crate) struct Envelope<'a, T> {
    pub(crate) head: Head<'a>,
    pub(crate) data: Payload<T>,
}

/// The content of the record's place.
pub(crate) enum Payload<T> {
    /// Nothing, or blank.
    Nothing,
    /// A record.
    One(T),
    /// More than one record, without a sign of which one is meant.
    Several,
    /// A value that is not a record. It does not prove that there is no record.
    Unknown,
}

/// The envelope without its record.
#[derive(Default)]
pub(crate) struct Head<'a> {
    status: Text<'a>,
    /// Whether there is a message or data, which the envelope always has beside the status.
    has_rest: bool,
    /// Whether there is a place for a record, whatever its content. Without it, the answer says nothing about a record.
    pub(crate) has_data: bool,
    /// Whether something in the envelope reports a failure, whatever its status.
    pub(crate) says_failed: bool,
    /// A second status, within the data.
    inner_status: Option<String>,
    words: Words,
}

impl Head<'_> {
    /// Returns whether this is the provider's envelope: it has a status, and a message or data.
    pub(crate) fn is_whole(&self) -> bool {
        self.status.is_some() && self.has_rest
    }

    pub(crate) fn status(&self) -> &str {
        self.status.as_deref().unwrap_or_default()
    }

    /// Returns the status within the data, if there is one.
    pub(crate) fn inner_status(&self) -> Option<&str> {
        self.inner_status.as_deref()
    }

    fn add_inner_status(&mut self, status: &Value) {
        self.says_failed |= is_no(status) || is_bad_number(status);
        if let Value::String(text) = status {
            self.says_failed |= is_failure(text);
            if !text.trim().is_empty() {
                self.inner_status = Some(text.trim().to_owned());
            }
        }
    }

    /// Adds the messages of `key`. An error counts as a failure even beside a status of success.
    fn add_words(&mut self, key: &str, value: &Value) {
        self.says_failed |= matches!(key, "error" | "errors") && is_something(value);
        self.words.add(value);
    }

    /// Returns the messages of the envelope and its data, as one text.
    pub(crate) fn message(&self) -> Option<ProviderText> {
        self.words.text()
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
        let mut data = Payload::Nothing;
        let mut is_elsewhere = false;
        while let Some(Key(key)) = map.next_key()? {
            match &*key {
                "status" => head.status = group::next(&mut map)?.unwrap_or_default(),
                "success" => head.says_failed |= is_no(&map.next_value()?),
                "data" => {
                    (head.has_rest, head.has_data) = (true, true);
                    data = map.next_value_seed(Wrapper::new(&mut head))?;
                }
                key if words::is_name(key) => {
                    head.has_rest = true;
                    head.add_words(key, &map.next_value()?);
                }
                _ => is_elsewhere |= map.next_value::<Holds>()?.0,
            }
        }
        // The record may be there under another name, so its absence is not proved.
        if is_elsewhere && matches!(data, Payload::Nothing) {
            (head.has_data, data) = (true, Payload::Unknown);
        }
        Ok(Envelope { head, data })
    }
}

/// A number in the record's place: an unknown value, and not a record.
macro_rules! visit_numbers {
    ($record:ident) => {
        fn visit_u64<E: Error>(self, _: u64) -> Result<Payload<$record>, E> {
            Ok(Payload::Unknown)
        }

        fn visit_i64<E: Error>(self, _: i64) -> Result<Payload<$record>, E> {
            Ok(Payload::Unknown)
        }

        fn visit_f64<E: Error>(self, _: f64) -> Result<Payload<$record>, E> {
            Ok(Payload::Unknown)
        }
    };
}

/// Reads the envelope's `data`: `{"type":"response","data":{…}}`, the groups themselves, a list of one of these, or one of
/// the forms of an empty value.
struct Wrapper<'h, 'a, T> {
    head: &'h mut Head<'a>,
    record: PhantomData<T>,
}

impl<'h, 'a, T> Wrapper<'h, 'a, T> {
    fn new(head: &'h mut Head<'a>) -> Self {
        Self {
            head,
            record: PhantomData,
        }
    }
}

impl<'de, T: Data<'de>> DeserializeSeed<'de> for Wrapper<'_, 'de, T> {
    type Value = Payload<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Payload<T>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Data<'de>> Visitor<'de> for Wrapper<'_, 'de, T> {
    type Value = Payload<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the envelope's data")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Payload<T>, A::Error> {
        let mut inner = None;
        let mut direct = T::default();
        let (mut has_groups, mut is_unknown, mut is_elsewhere) = (false, false, false);
        while let Some(Key(key)) = map.next_key()? {
            match &*key {
                "data" => inner = Some(map.next_value_seed(Inner(PhantomData))?),
                "type" => {
                    let kind = map.next_value::<Value>()?;
                    self.head.says_failed |= kind.as_str().is_some_and(is_failure);
                }
                "status" => self.head.add_inner_status(&map.next_value()?),
                "success" => self.head.says_failed |= is_no(&map.next_value()?),
                key if words::is_name(key) => self.head.add_words(key, &map.next_value()?),
                key if direct.take(key, &mut map)? => has_groups = true,
                _ => {
                    let value: Value = map.next_value()?;
                    is_unknown = true;
                    is_elsewhere |= holds(&value);
                    direct.extra().insert(key.into_owned(), value);
                }
            }
        }
        Ok(match inner {
            // Groups beside an empty `data` are the record that belongs in it.
            Some(Payload::Nothing) | None if has_groups => of(direct),
            Some(Payload::Nothing) if is_elsewhere => Payload::Unknown,
            Some(inner) => inner,
            // There are values, but not in a record's place.
            None if is_unknown => Payload::Unknown,
            None => Payload::Nothing,
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Payload<T>, A::Error> {
        let first = seq.next_element_seed(Wrapper::new(self.head))?;
        alone(first, seq)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Payload<T>, E> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Payload::Nothing);
        }
        self.head.words.add(&Value::String(text.to_owned()));
        Ok(Payload::Unknown)
    }

    fn visit_unit<E: Error>(self) -> Result<Payload<T>, E> {
        Ok(Payload::Nothing)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Payload<T>, E> {
        Ok(if truth {
            Payload::Unknown
        } else {
            Payload::Nothing
        })
    }

    visit_numbers!(T);
}

/// Returns the first element of a list, if it is the only one.
fn alone<'de, T, A: SeqAccess<'de>>(
    first: Option<Payload<T>>,
    mut seq: A,
) -> Result<Payload<T>, A::Error> {
    let mut others = 0;
    while seq.next_element::<IgnoredAny>()?.is_some() {
        others += 1;
    }
    Ok(match first {
        None => Payload::Nothing,
        Some(Payload::One(_)) if others > 0 => Payload::Several,
        Some(_) if others > 0 => Payload::Unknown,
        Some(first) => first,
    })
}

/// Reads the record itself, or a list of one.
struct Inner<T>(PhantomData<T>);

impl<'de, T: Data<'de>> DeserializeSeed<'de> for Inner<T> {
    type Value = Payload<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Payload<T>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Data<'de>> Visitor<'de> for Inner<T> {
    type Value = Payload<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Payload<T>, A::Error> {
        let group = GroupVisitor(PhantomData).visit_map(map)?;
        Ok(group.map_or(Payload::Unknown, of))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Payload<T>, A::Error> {
        let first = seq.next_element_seed(Inner(PhantomData))?;
        alone(first, seq)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Payload<T>, E> {
        let is_blank = text.trim().is_empty();
        Ok(if is_blank {
            Payload::Nothing
        } else {
            Payload::Unknown
        })
    }

    fn visit_unit<E: Error>(self) -> Result<Payload<T>, E> {
        Ok(Payload::Nothing)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Payload<T>, E> {
        Ok(Payload::Unknown)
    }

    visit_numbers!(T);
}

/// Classifies an object. If it has only unknown fields, or groups of an unexpected type, it is not a record, but neither does
/// it prove that there is none.
fn of<'a, T: Data<'a>>(data: T) -> Payload<T> {
    match (
        data.known_is_blank(),
        data.is_blank() && !data.has_unreadable(),
    ) {
        (_, true) => Payload::Nothing,
        (true, false) => Payload::Unknown,
        (false, _) => Payload::One(data),
    }
}
