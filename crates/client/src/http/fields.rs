//! The types have the fields of the API's document, no more and no fewer.

use std::{collections::BTreeSet, fmt, path::Path};

use serde::{
    Deserialize, Deserializer,
    de::{self, Visitor},
};
use serde_json::Value;

use super::{
    Attempt, Check, Event, FieldError, Image, Page, Problem, Reason, Submitted, Verification,
    Waiting,
};

/// Reads nothing, and notes the names of the fields that a type asks for.
struct Noting<'a>(&'a mut BTreeSet<String>);

#[derive(Debug)]
struct Noted;

impl fmt::Display for Noted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("noted")
    }
}

impl std::error::Error for Noted {}

impl de::Error for Noted {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl<'de> Deserializer<'de> for Noting<'_> {
    type Error = Noted;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Noted> {
        Err(Noted)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Noted> {
        self.0.extend(fields.iter().map(|&field| field.to_owned()));
        Err(Noted)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq
        tuple tuple_struct map enum identifier ignored_any
    }
}

fn of_type<T: for<'de> Deserialize<'de>>() -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    assert!(T::deserialize(Noting(&mut fields)).is_err());
    fields
}

/// Returns the properties of a schema, also those of its parts.
fn of_schema(document: &Value, schema: &Value) -> BTreeSet<String> {
    let referred = schema["$ref"].as_str().map(|pointer| {
        let pointer = pointer.trim_start_matches('#');
        document.pointer(pointer).expect(pointer)
    });
    let parts = ["allOf", "oneOf", "anyOf"].map(|name| schema[name].as_array());
    let parts = parts.into_iter().flatten().flatten().chain(referred);
    let own = schema["properties"].as_object().into_iter().flatten();
    let own = own.map(|(name, _)| name.clone());
    parts
        .flat_map(|part| of_schema(document, part))
        .chain(own)
        .collect()
}

#[test]
fn the_fields_are_those_of_the_document() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gateway/docs/openapi.json");
    let text = std::fs::read_to_string(path).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    for (name, fields) in [
        ("Attempt", of_type::<Attempt>()),
        ("Check", of_type::<Check>()),
        ("Event", of_type::<Event>()),
        ("FieldError", of_type::<FieldError>()),
        ("Image", of_type::<Image>()),
        ("Page", of_type::<Page>()),
        ("Problem", of_type::<Problem>()),
        ("Reason", of_type::<Reason>()),
        ("Submitted", of_type::<Submitted>()),
        ("Verification", of_type::<Verification>()),
        ("Waiting", of_type::<Waiting>()),
    ] {
        let schema = &document["components"]["schemas"][name];
        let expected = of_schema(&document, schema);
        assert!(!expected.is_empty(), "{name} is in the document");
        assert_eq!(fields, expected, "{name}");
    }
}
