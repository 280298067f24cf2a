//! The two forms of the log.

/// How a log line looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// One line of text for people.
    #[default]
    Text,
    /// One JSON object a line, for collectors.
    Json,
}
