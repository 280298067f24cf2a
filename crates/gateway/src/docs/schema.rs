//! The shape of a value: its type in words, and its fields.

use maud::{Markup, html};
use serde_json::Value;

use super::text::{described, pretty};

const REFERENCES: &str = "#/components/schemas/";

/// Returns the name of the schema that this one refers to.
fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix(REFERENCES)
}

/// Returns the alternatives of a schema that are not `null`.
fn alternatives<'a>(schema: &'a Value, key: &str) -> Vec<&'a Value> {
    let all = schema[key].as_array().into_iter().flatten();
    all.filter(|one| one["type"] != "null").collect()
}

/// Returns the type of a value, in words, with links to schemas.
pub(super) fn kind(schema: &Value) -> Markup {
    if let Some(name) = reference(schema) {
        return html! { a href={ "#schema-" (name) } { (name) } };
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        let some = alternatives(schema, key);
        if !some.is_empty() {
            return html! {
                @for (nth, one) in some.iter().enumerate() { @if nth > 0 { " or " } (kind(one)) }
            };
        }
    }
    let name = match &schema["type"] {
        Value::String(name) => name.as_str(),
        Value::Array(names) => {
            let mut names = names.iter().filter_map(Value::as_str);
            names.find(|name| *name != "null").unwrap_or("null")
        }
        _ => "any value",
    };
    match name {
        "array" => html! { "list of " (kind(&schema["items"])) },
        name => html! { (name) (limits(schema)) },
    }
}

/// Returns what bounds a value.
fn limits(schema: &Value) -> Markup {
    let values = schema["enum"].as_array().into_iter().flatten();
    html! {
        @if schema["format"] == "date-time" { ", a time in RFC 3339, UTC" }
        @for (nth, value) in values.filter_map(Value::as_str).enumerate() {
            (if nth == 0 { ": " } else { ", " }) code { (value) }
        }
        @for (key, words) in [
            ("minimum", "at least"), ("maximum", "at most"),
            ("minLength", "characters: at least"), ("maxLength", "characters: at most"),
        ] {
            // That a number is not negative needs no words.
            @if schema[key].is_number() && schema[key] != 0 { ", " (words) " " (schema[key].to_string()) }
        }
    }
}

/// Returns the fields of an object, as a table.
pub(super) fn fields(schema: &Value) -> Markup {
    let parts = alternatives(schema, "allOf");
    if !parts.is_empty() {
        return html! { @for part in parts { (part_of(part)) } };
    }
    let required: Vec<&str> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let Some(fields) = schema["properties"].as_object() else {
        return html! { p { (kind(schema)) } };
    };
    html! {
        table {
            thead { tr { th { "field" } th { "type" } th { "meaning" } } }
            tbody {
                @for (name, field) in fields {
                    tr {
                        td { code { (name) } @if required.contains(&name.as_str()) { " " em { "always" } } }
                        td { (kind(field)) }
                        td { (described(of_itself(field), "description")) }
                    }
                }
            }
        }
    }
}

/// Returns the schema that has the description of a field: itself, or its only alternative.
fn of_itself(field: &Value) -> &Value {
    if field["description"].is_string() {
        return field;
    }
    let some = ["oneOf", "anyOf"]
        .map(|key| alternatives(field, key))
        .concat();
    some.first().copied().unwrap_or(field)
}

/// Returns the fields of a part: a link, if another schema has them.
fn part_of(part: &Value) -> Markup {
    let one = of_itself(part);
    match reference(one).or_else(|| reference(part)) {
        Some(name) => html! {
            div.part { p { "The fields of " a href={ "#schema-" (name) } { (name) } ":" } (described(one, "description")) }
        },
        None => fields(part),
    }
}

/// Returns an example of a schema: its own, or that of the one it refers to.
pub(super) fn example<'a>(schema: &'a Value, document: &'a Value) -> Option<&'a Value> {
    let own = schema.get("example");
    own.or_else(|| document["components"]["schemas"][reference(schema)?].get("example"))
}

/// Returns all schemas with their fields and examples.
pub(super) fn all(document: &Value) -> Markup {
    let schemas = document["components"]["schemas"].as_object();
    html! {
        @for (name, schema) in schemas.into_iter().flatten() {
            section.schema id={ "schema-" (name) } {
                h3 { a href={ "#schema-" (name) } { (name) } }
                (described(schema, "description"))
                (fields(schema))
                @if let Some(example) = schema.get("example") { pre { code { (pretty(example)) } } }
            }
        }
    }
}
