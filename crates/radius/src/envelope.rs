//! Hides how the envelope is taken apart in one pass, so that long text is scanned once and stays borrowed.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::group::{self, GroupVisitor, Key, Text};
use crate::words::{self, Words};
use crate::{Data, ProviderText};

/// An envelope that may hold a record.
pub(crate) struct Envelope<'a, T> {
    pub(crate) head: Head<'a>,
    pub(crate) data: Payload<T>,
}

/// What stands in the record's place.
pub(crate) enum Payload<T> {
    /// Nothing, or blank.
    Nothing,
    /// A record.
    One(T),
    /// More than one: nobody knows which is meant.
    Several,
    /// Something that is no record: no proof that there is none.
    Unknown,
}

/// The envelope's own words.
#[derive(Default)]
pub(crate) struct Head<'a> {
    status: Text<'a>,
    /// A key beside the status that the envelope always has.
    has_rest: bool,
    /// Something in it says that the call failed, whatever the status says.
    pub(crate) says_failed: bool,
    words: Words,
}

impl Head<'_> {
    /// Whether this is the provider's envelope: a status, and a message or data.
    pub(crate) fn is_whole(&self) -> bool {
        self.status.is_some() && self.has_rest
    }

    pub(crate) fn status(&self) -> &str {
        self.status.as_deref().unwrap_or_default()
    }

    /// The words, wherever they stand.
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
        while let Some(Key(key)) = map.next_key()? {
            match &*key {
                "status" => head.status = group::next(&mut map)?.unwrap_or_default(),
                "success" => head.says_failed |= is_no(&map.next_value()?),
                "data" => {
                    head.has_rest = true;
                    data = map.next_value_seed(Wrapper::new(&mut head))?;
                }
                key if words::is_name(key) => {
                    head.has_rest = true;
                    head.words.add(&map.next_value()?);
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Envelope { head, data })
    }
}

/// `false`, in whatever form.
fn is_no(value: &Value) -> bool {
    match value {
        Value::Bool(truth) => !truth,
        Value::String(text) => text.eq_ignore_ascii_case("false"),
        Value::Number(number) => number.as_u64() == Some(0),
        _ => false,
    }
}

/// Words of a status that no success has.
fn is_failure(status: &str) -> bool {
    let words = ["failed", "fail", "failure", "error", "false"];
    words
        .iter()
        .any(|word| status.trim().eq_ignore_ascii_case(word))
}

/// A number stands where no record can: it is something, and nobody knows what.
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

/// The envelope's `data`: `{"type":"response","data":{…}}`, the groups themselves, a list of one of these, or one of the
/// ways to say nothing.
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
        let (mut has_groups, mut is_unknown) = (false, false);
        while let Some(Key(key)) = map.next_key()? {
            match &*key {
                "data" => inner = Some(map.next_value_seed(Inner(PhantomData))?),
                "type" => {
                    let kind = map.next_value::<Value>()?;
                    self.head.says_failed |= kind.as_str().is_some_and(is_failure);
                }
                "status" => {
                    let status = map.next_value::<Value>()?;
                    self.head.says_failed |= status.as_str().is_some_and(is_failure);
                }
                key if words::is_name(key) => self.head.words.add(&map.next_value()?),
                key if direct.take(key, &mut map)? => has_groups = true,
                _ => {
                    is_unknown = true;
                    let value = map.next_value()?;
                    direct.extra().insert(key.into_owned(), value);
                }
            }
        }
        Ok(match inner {
            Some(inner) => inner,
            None if has_groups => of(direct),
            // Something is there, though not where a record stands.
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

/// The first of a list, if it is the only one.
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

/// The record itself, or a list of one.
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

/// An object of unknown fields is no record, and no proof that there is none. Nor is one whose groups are of another type.
fn of<'a, T: Data<'a>>(data: T) -> Payload<T> {
    let mut is_odd = false;
    data.unreadable("", &mut |_| is_odd = true);
    match (data.known_is_blank(), data.is_blank() && !is_odd) {
        (_, true) => Payload::Nothing,
        (true, false) => Payload::Unknown,
        (false, _) => Payload::One(data),
    }
}

/// Whether the words of a refusal are the provider's own: its envelope has a status, and beside it a message or data. A
/// status that only repeats that of HTTP, without data, is how frameworks write their own pages of errors.
#[cfg(feature = "client")]
pub(crate) fn is_own(value: &Value, http_status: u16) -> bool {
    let (Some(status), Value::Object(fields)) = (value.get("status"), value) else {
        return false;
    };
    let text = match status {
        Value::String(text) => text.trim().to_owned(),
        Value::Bool(_) | Value::Number(_) => status.to_string(),
        _ => return false,
    };
    let has_data = fields.contains_key("data");
    let has_words = Words::of(value).text().is_some() || fields.contains_key("message");
    let repeats = text == http_status.to_string();
    !text.is_empty() && (has_data || has_words && !repeats)
}
