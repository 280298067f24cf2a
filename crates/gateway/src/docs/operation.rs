//! One operation: what it takes, how it is called, and what it answers.

use maud::{Markup, html};
use serde_json::Value;

use super::{
    curl,
    schema::{example, fields, kind},
    text::{described, pretty},
};

/// An operation of the document.
pub(super) struct Operation<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    value: &'a Value,
}

impl<'a> Operation<'a> {
    /// Returns all operations, in the order of the document.
    pub(super) fn all(document: &'a Value) -> Vec<Self> {
        let paths = document["paths"].as_object().into_iter().flatten();
        let operations = paths.flat_map(|(path, item)| {
            let methods = item.as_object().into_iter().flatten();
            methods
                .filter(|(_, value)| value["responses"].is_object())
                .map(move |(method, value)| Self {
                    method,
                    path,
                    value,
                })
        });
        operations.collect()
    }

    /// Returns the name by which the page refers to it.
    pub(super) fn id(&self) -> String {
        let id = self.value["operationId"].as_str().unwrap_or(self.path);
        format!("operation-{id}")
    }

    pub(super) fn summary(&self) -> &str {
        self.value["summary"].as_str().unwrap_or_default()
    }

    /// Returns the group that it belongs to.
    pub(super) fn tag(&self) -> &str {
        self.value["tags"][0].as_str().unwrap_or("others")
    }

    /// Returns its section of the page.
    pub(super) fn section(&self, document: &Value) -> Markup {
        html! {
            section.operation id=(self.id()) {
                h3 { a href={ "#" (self.id()) } { (self.summary()) } }
                p.address { span class={ "method " (self.method) } { (self.method.to_uppercase()) } " " code { (self.path) } }
                (described(self.value, "description"))
                (self.parameters())
                (self.body(document))
                (self.call(document))
                (self.answers(document))
            }
        }
    }

    fn parameters(&self) -> Markup {
        let Some(parameters) = self.value["parameters"].as_array() else {
            return html! {};
        };
        html! {
            h4 { "Parameters" }
            table {
                thead { tr { th { "name" } th { "type" } th { "meaning" } } }
                tbody {
                    @for parameter in parameters {
                        tr {
                            td {
                                code { (parameter["name"].as_str().unwrap_or_default()) }
                                " " em { (parameter["in"].as_str().unwrap_or_default()) }
                            }
                            td { (kind(&parameter["schema"])) }
                            td {
                                (described(parameter, "description"))
                                @if let Some(example) = parameter["example"].as_str() { p { "Such as " code { (example) } } }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Returns the media type and the schema of its body.
    fn content(&self) -> Option<(&str, &Value)> {
        let content = self.value["requestBody"]["content"].as_object()?;
        let (name, content) = content.iter().next()?;
        Some((name, content))
    }

    fn body(&self, document: &Value) -> Markup {
        let Some((media_type, content)) = self.content() else {
            return html! {};
        };
        let schema = &content["schema"];
        let name = schema["$ref"]
            .as_str()
            .and_then(|name| name.rsplit('/').next());
        let whole = name.map_or(schema, |name| &document["components"]["schemas"][name]);
        html! {
            h4 { "Body: " (kind(schema)) ", " code { (media_type) } }
            (fields(whole))
        }
    }

    fn call(&self, document: &Value) -> Markup {
        let content = self.content();
        let body = content.and_then(|(_, content)| {
            content
                .get("example")
                .or_else(|| example(&content["schema"], document))
        });
        let media_type = content.map_or("", |(name, _)| name);
        let line = curl::line(self.method, self.path, self.value, body, media_type);
        html! { h4 { "Call" } pre { code { (line) } } }
    }

    fn answers(&self, document: &Value) -> Markup {
        let responses = self.value["responses"].as_object();
        let responses = || responses.into_iter().flatten();
        let good = |status: &str| status.starts_with('2');
        html! {
            h4 { "Answers" }
            @for (status, response) in responses().filter(|(status, _)| good(status)) {
                div.answer {
                    p { strong { (status) } " " @for (name, content) in contents(response) { code { (name) } " " (kind(&content["schema"])) " " } }
                    (described(response, "description"))
                    @for (name, header) in response["headers"].as_object().into_iter().flatten() {
                        p.header { code { (name) } ": " (header["description"].as_str().unwrap_or_default()) }
                    }
                    @for (_, content) in contents(response) {
                        @if let Some(example) = example(&content["schema"], document) { pre { code { (pretty(example)) } } }
                    }
                }
            }
            h4 { "Errors: " a href="#schema-Problem" { "Problem" } }
            table {
                tbody {
                    @for (status, response) in responses().filter(|(status, _)| !good(status)) {
                        tr { td { strong { (status) } } td { (described(response, "description")) } }
                    }
                }
            }
        }
    }
}

fn contents(response: &Value) -> impl Iterator<Item = (&String, &Value)> {
    response["content"].as_object().into_iter().flatten()
}
