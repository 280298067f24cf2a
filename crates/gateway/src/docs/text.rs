//! Texts of the document, which are Markdown.

use maud::{Markup, PreEscaped};
use pulldown_cmark::{Event, Options, Parser, html};
use serde_json::Value;

/// Returns a text as HTML. HTML within it is shown as it is written.
pub(super) fn markdown(text: &str) -> Markup {
    let events = Parser::new_ext(text, Options::empty()).map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        event => event,
    });
    let mut page = String::new();
    html::push_html(&mut page, events);
    PreEscaped(page)
}

/// Returns a text of a value as HTML, or nothing.
pub(super) fn described(value: &Value, key: &str) -> Markup {
    markdown(value[key].as_str().unwrap_or_default())
}

/// Returns JSON as people write it.
pub(super) fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_in_a_text_is_shown_and_not_used() {
        let page = markdown("a `code` and <script>x</script>").into_string();
        assert!(page.contains("<code>code</code>"), "{page}");
        assert!(!page.contains("<script>"), "{page}");
    }
}
