//! Builds and installs the log subscriber.

use std::io;

use tracing::Subscriber;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry;
use tracing_subscriber::util::SubscriberInitExt;

use crate::filter::{self, LogError};
use crate::format::Format;
use crate::writer::Scrubbed;

/// The configuration of the log. Lines are always written to standard error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogConfig {
    /// The format of a line. Default: text.
    pub format: Format,
    /// Comma-separated directives for our own targets, such as `info` or `kyc_queue=debug,info`. Default: `info`.
    pub level: String,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            format: Format::default(),
            level: "info".to_owned(),
        }
    }
}

/// Installs the subscriber of the process. Must be called once, before anything is logged.
///
/// # Errors
///
/// Returns [`LogError`] if a directive cannot be parsed or would log a library below `WARN`, and on a second call.
pub fn init(config: &LogConfig) -> Result<(), LogError> {
    subscriber(config, io::stderr)?
        .try_init()
        .map_err(|_| LogError::AlreadySet)
}

/// Returns the subscriber that [`init`] installs, with any writer.
pub(crate) fn subscriber<W>(
    config: &LogConfig,
    writer: W,
) -> Result<impl Subscriber + Send + Sync, LogError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let targets = filter::targets(&config.level)?;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(Scrubbed::new(writer, config.format))
        // Escape codes between the name and the value of a field would hide the value from the scrubber.
        .with_ansi(false)
        // Otherwise a line that cannot be written is printed without our writer, including its fields.
        .log_internal_errors(false);
    let lines = match config.format {
        Format::Text => lines.boxed(),
        Format::Json => lines
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .boxed(),
    };
    Ok(registry().with(lines.with_filter(targets)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::writer::tests::Buffer;

    fn logged(format: Format, level: &str, speak: impl FnOnce()) -> String {
        let buffer = Buffer::default();
        let config = LogConfig {
            format,
            level: level.to_owned(),
        };
        let subscriber = subscriber(&config, buffer.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, speak);
        buffer.text()
    }

    #[test]
    fn at_trace_libraries_are_dropped_below_warn_and_our_targets_are_not() {
        let text = logged(Format::Text, "trace", || {
            tracing::debug!(target: "hyper::client", "connecting to 22212345678");
            tracing::info!(target: "redis", "EVALSHA payload");
            tracing::trace!(target: "kyc_queue", slot = 7, "Leased");
            tracing::warn!(target: "reqwest", "lost https://radius.example/v1/bvn/22212345678");
        });
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.contains("kyc_queue: Leased slot=7"), "{text}");
        assert!(text.contains("reqwest: lost https://[url]"), "{text}");
    }

    #[test]
    fn our_events_contain_no_fields_of_library_spans() {
        let text = logged(Format::Json, "trace", || {
            let _theirs = tracing::info_span!(target: "apalis", "task", args = "Adebayo").entered();
            let _ours = tracing::info_span!(target: "kyc_queue", "job", id = "01JD").entered();
            tracing::info!(target: "kyc_verification", "Completed verification");
        });
        assert!(text.contains("01JD"), "{text}");
        assert!(!text.contains("Adebayo"), "{text}");
    }

    #[test]
    fn json_lines_stay_valid_after_scrubbing() {
        let text = logged(Format::Json, "info", || {
            let _span =
                tracing::info_span!(target: "kyc", "job", phone = "+2348031234567").entered();
            tracing::info!(target: "kyc", instant = 1_700_000_000_000_u64, score = -12_345_678_901.5, "number");
            tracing::info!(target: "kyc", api_token = "tk-1", url = "redis://u:p@h:1/0", "line\n22212345678");
            tracing::info!(target: "kyc", debug = ?Some("https://h/22212345678\"x"), "quoted");
        });
        assert_eq!(text.lines().count(), 3, "{text}");
        for line in text.lines() {
            let value: serde_json::Value = serde_json::from_str(line).expect(line);
            assert_eq!(value["span"]["phone"], "+[digits]", "{line}");
            assert_eq!(value["level"], "INFO");
        }
        for secret in [
            "22212345678",
            "8031234567",
            "1700000000000",
            "12345678901",
            "tk-1",
            "u:p",
        ] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }

    #[test]
    fn times_and_ids_are_kept() {
        let id = "01JDABCDEF0123456789012345";
        let text = logged(Format::Json, "info", || {
            tracing::info!(job.id = id, duration_ms = 42, "Done");
        });
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["job.id"], id);
        assert_eq!(value["duration_ms"], 42);
        assert!(
            value["timestamp"].as_str().unwrap().ends_with('Z'),
            "{text}"
        );
        assert!(!text.contains('['), "{text}");
    }

    #[test]
    fn a_second_subscriber_is_refused() {
        // Level `off`, so that other tests of this process write nothing through it.
        let config = LogConfig {
            level: "off".to_owned(),
            ..LogConfig::default()
        };
        assert_eq!(init(&config), Ok(()));
        assert_eq!(init(&config), Err(LogError::AlreadySet));
    }
}
