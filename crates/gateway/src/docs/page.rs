//! The whole page.

use maud::{DOCTYPE, Markup, html};
use serde_json::Value;

use super::{operation::Operation, schema, text::described};

/// Returns the page of a document.
pub(super) fn page(document: &Value) -> Markup {
    let operations = Operation::all(document);
    let title = format!(
        "{} API",
        document["info"]["title"].as_str().unwrap_or_default()
    );
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="stylesheet" href="/docs/style.css";
            }
            body {
                nav { (contents(&operations, document)) }
                main {
                    h1 { (title) }
                    (described(&document["info"], "description"))
                    p { "For programs: " a href="/openapi.json" { "openapi.json" } " (OpenAPI " (document["openapi"].as_str().unwrap_or_default()) ")." }
                    p { "The lines below take the address of this server from " code { "KYC_URL" } " and an API key from " code { "KYC_API_KEY" } "." }
                    @for tag in tags(&operations) {
                        h2 id={ "tag-" (tag) } { (tag) }
                        @for operation in operations.iter().filter(|operation| operation.tag() == tag) {
                            (operation.section(document))
                        }
                    }
                    h2 id="schemas" { "Schemas" }
                    (schema::all(document))
                }
            }
        }
    }
}

fn contents(operations: &[Operation<'_>], document: &Value) -> Markup {
    let schemas = document["components"]["schemas"].as_object();
    html! {
        @for tag in tags(operations) {
            p { a href={ "#tag-" (tag) } { (tag) } }
            ul {
                @for operation in operations.iter().filter(|operation| operation.tag() == tag) {
                    li { a href={ "#" (operation.id()) } title={ (operation.method.to_uppercase()) " " (operation.path) } { (operation.summary()) } }
                }
            }
        }
        details {
            summary { "Schemas" }
            ul { @for (name, _) in schemas.into_iter().flatten() { li { a href={ "#schema-" (name) } { (name) } } } }
        }
    }
}

/// Returns the groups of operations, in their order.
fn tags<'a>(operations: &'a [Operation<'_>]) -> Vec<&'a str> {
    let mut tags = Vec::new();
    for operation in operations {
        if !tags.contains(&operation.tag()) {
            tags.push(operation.tag());
        }
    }
    tags
}
