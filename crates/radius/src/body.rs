//! Classifies a body: an envelope, other JSON, a page, text or nothing.

/// The type of a body, as shown by its content and its headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Body {
    /// The provider's own envelope.
    Envelope,
    /// Other JSON, such as that of a gateway or a framework.
    Json,
    /// An HTML page.
    Page,
    /// Plain text.
    Text,
    /// Nothing.
    Empty,
}

impl Body {
    /// Classifies a body by its bytes alone. Never returns [`Body::Envelope`].
    pub(crate) fn of(body: &[u8]) -> Self {
        let body = body
            .strip_prefix(b"\xEF\xBB\xBF")
            .unwrap_or(body)
            .trim_ascii_start();
        match body.first() {
            None => Self::Empty,
            Some(b'<') => Self::Page,
            Some(b'{') => Self::Json,
            // A line of a log and a quoted text can begin with the same bytes.
            Some(b'[' | b'"') if body.contains(&b'{') || is_json(body) => Self::Json,
            Some(_) if body.trim_ascii_end() == b"null" => Self::Empty,
            Some(_) => Self::Text,
        }
    }

    /// Returns the words for sentences that say what came instead of an answer.
    pub(crate) fn spoken(self) -> &'static str {
        match self {
            Self::Envelope => "an envelope",
            Self::Json => "other JSON",
            Self::Page => "an HTML page",
            Self::Text => "plain text",
            Self::Empty => "nothing",
        }
    }
}

/// Returns whether the whole body is a JSON list. A JSON text alone counts as plain text.
fn is_json(body: &[u8]) -> bool {
    body.starts_with(b"[") && serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok()
}
