//! What kind of thing a body is.

/// What a body is, as far as its first bytes and its headers tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Body {
    /// The provider's own envelope.
    Envelope,
    /// Other JSON: a gateway's, or a framework's.
    Json,
    /// A page for browsers.
    Page,
    /// Plain text.
    Text,
    /// Nothing.
    Empty,
}

impl Body {
    /// By its bytes alone; never [`Body::Envelope`].
    pub(crate) fn of(body: &[u8]) -> Self {
        let body = body
            .strip_prefix(b"\xEF\xBB\xBF")
            .unwrap_or(body)
            .trim_ascii_start();
        match body.first() {
            None => Self::Empty,
            Some(b'<') => Self::Page,
            Some(b'{') => Self::Json,
            // A line of a log, or a text in quotation marks, begins so too.
            Some(b'[' | b'"') if body.contains(&b'{') || is_json(body) => Self::Json,
            Some(_) if body.trim_ascii_end() == b"null" => Self::Empty,
            Some(_) => Self::Text,
        }
    }

    /// For sentences: what stands in the place of an answer.
    pub(crate) fn spoken(self) -> &'static str {
        match self {
            Self::Envelope => "an envelope",
            Self::Json => "JSON of another kind",
            Self::Page => "a page for browsers",
            Self::Text => "plain text",
            Self::Empty => "nothing",
        }
    }
}

/// A list that is JSON, to its end. A text alone is only that.
fn is_json(body: &[u8]) -> bool {
    body.starts_with(b"[") && serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok()
}
