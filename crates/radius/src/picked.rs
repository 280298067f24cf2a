//! Extracts a record as JSON, without copying its images.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::data::photo::is_long_base64;

/// The record without its images.
#[derive(Deserialize)]
pub(crate) struct Picked {
    #[serde(default, deserialize_with = "bounded")]
    data: Value,
}

impl Picked {
    /// Returns the record from `data`, or from the `data` within it. A list of one counts as its element.
    pub(crate) fn into_value(self) -> Value {
        let mut value = alone(self.data);
        if let Some(inner) = value
            .get_mut("data")
            .filter(|inner| inner.is_object() || inner.is_array())
        {
            value = alone(inner.take());
        }
        value
    }
}

fn alone(value: Value) -> Value {
    match value {
        Value::Array(mut values) if values.len() == 1 => values.remove(0),
        value => value,
    }
}

fn bounded<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    Ok(Bounded("").deserialize(deserializer)?.unwrap_or_default())
}

/// The longest text to store, in bytes. No text of a register is longer.
const LONGEST: usize = 16 << 10;

/// Reads the value of a key; `None` if it is an image.
struct Bounded<'k>(&'k str);

impl<'de> DeserializeSeed<'de> for Bounded<'_> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded<'_> {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if self.0 == "biodata" && matches!(&*key, "image" | "signature") {
                map.next_value::<IgnoredAny>()?;
            } else if let Some(value) = map.next_value_seed(Bounded(&key))? {
                fields.insert(key, value);
            }
        }
        Ok(Some(Value::Object(fields)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        // An image may come as a list of its bytes.
        while let Some(value) = seq.next_element_seed(Bounded(self.0))? {
            if values.len() < LONGEST / 16 {
                values.extend(value);
            }
        }
        Ok(Some(Value::Array(values)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let is_kept = text.len() <= LONGEST && !is_long_base64(text);
        Ok(is_kept.then(|| Value::String(text.to_owned())))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(Value::Bool(value)))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Some(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Some(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Some(value.into()))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Some(Value::Null))
    }
}
