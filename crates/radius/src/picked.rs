//! Hides how a record is kept as JSON without ever copying its images.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::group;

/// `data.data` without its images.
#[derive(Deserialize)]
pub(crate) struct Picked {
    data: Inner,
}

#[derive(Deserialize)]
struct Inner {
    data: Groups,
}

impl Picked {
    pub(crate) fn into_value(self) -> Value {
        Value::Object(self.data.data.0)
    }
}

struct Groups(Map<String, Value>);

impl<'de> Deserialize<'de> for Groups {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(GroupsVisitor)
    }
}

struct GroupsVisitor;

impl<'de> Visitor<'de> for GroupsVisitor {
    type Value = Groups;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Groups, A::Error> {
        let mut groups = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = if key == "biodata" {
                map.next_value::<Biodata>()?.0
            } else {
                map.next_value()?
            };
            groups.insert(key, value);
        }
        Ok(Groups(groups))
    }
}

/// The group of images, without them.
struct Biodata(Value);

impl<'de> Deserialize<'de> for Biodata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BiodataVisitor).map(Biodata)
    }
}

struct BiodataVisitor;

impl<'de> Visitor<'de> for BiodataVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a group of images")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut rest = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if matches!(&*key, "image" | "signature") {
                map.next_value::<IgnoredAny>()?;
            } else {
                rest.insert(key, map.next_value()?);
            }
        }
        Ok(Value::Object(rest))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Value, A::Error> {
        group::no_elements(seq, &self).map(|()| Value::Array(Vec::new()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        group::no_text(text, &self).map(|()| Value::String(text.to_owned()))
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
}
