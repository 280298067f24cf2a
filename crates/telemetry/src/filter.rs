//! Parses the filter of the log. Hides that libraries log nothing below `WARN`, whatever the filter says.

use std::fmt;

use tracing_subscriber::filter::{LevelFilter, Targets};

/// Prefixes of our own targets, which log no personal data.
const OURS: [&str; 2] = ["kyc", "radius_api"];

/// The most verbose level for libraries: HTTP, TLS and Redis libraries print URLs and payloads below it.
const LIBRARIES: LevelFilter = LevelFilter::WARN;

/// Why logging could not be set up. Displays as a sentence for the author of the setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogError {
    /// The text after `=`, or the whole directive, is not a level.
    UnknownLevel {
        /// The directive as it was written.
        directive: String,
    },
    /// A directive sets the target of a library to a level below `WARN`.
    Library {
        /// The directive as it was written.
        directive: String,
    },
    /// Another subscriber is already installed in this process.
    AlreadySet,
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownLevel { directive } => write!(
                f,
                "the log directive `{directive}` has no valid level: use off, error, warn, info, debug or trace, \
                 alone or after a target, as in `info,kyc_queue=debug`"
            ),
            Self::Library { directive } => write!(
                f,
                "the log directive `{directive}` names a library: below warn only targets that begin with \
                 kyc or radius_api can be logged, because libraries print URLs and payloads"
            ),
            Self::AlreadySet => f.write_str("logging is already set up in this process"),
        }
    }
}

impl std::error::Error for LogError {}

/// Parses comma-separated directives, such as `info,kyc_queue=debug`. Without any the level is `info`.
///
/// A level without a target applies to our own targets. For all others it is limited to `WARN`.
pub(crate) fn targets(directives: &str) -> Result<Targets, LogError> {
    let mut general = LevelFilter::INFO;
    let mut special = Vec::new();
    for directive in directives
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty())
    {
        match directive.split_once('=') {
            None => general = level(directive, directive)?,
            Some((target, text)) => {
                let level = level(text.trim(), directive)?;
                let target = target.trim();
                if level > LIBRARIES && !is_ours(target) {
                    return Err(LogError::Library {
                        directive: directive.to_owned(),
                    });
                }
                special.push((target.to_owned(), level));
            }
        }
    }
    Ok(Targets::new()
        .with_default(general.min(LIBRARIES))
        .with_targets(OURS.map(|target| (target, general)))
        .with_targets(special))
}

fn is_ours(target: &str) -> bool {
    OURS.iter().any(|ours| target.starts_with(ours))
}

fn level(text: &str, directive: &str) -> Result<LevelFilter, LogError> {
    let known = ["off", "error", "warn", "info", "debug", "trace"];
    let unknown = || LogError::UnknownLevel {
        directive: directive.to_owned(),
    };
    // `LevelFilter` also parses digits and the empty text. A typing error must not be accepted as a level.
    if !known.iter().any(|name| name.eq_ignore_ascii_case(text)) {
        return Err(unknown());
    }
    text.parse().map_err(|_| unknown())
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn libraries_stay_quiet_whatever_the_filter_says() {
        for text in [
            "trace",
            "debug",
            "info",
            "warn,kyc=trace",
            "TRACE , kyc_queue=debug",
        ] {
            let targets = targets(text).unwrap();
            for library in [
                "reqwest::connect",
                "hyper",
                "h2",
                "redis",
                "apalis_core",
                "rustls",
                "my_kyc",
            ] {
                assert!(
                    targets.would_enable(library, &Level::WARN),
                    "{text} {library}"
                );
                assert!(
                    !targets.would_enable(library, &Level::INFO),
                    "{text} {library}"
                );
            }
        }
    }

    #[test]
    fn our_targets_follow_the_filter() {
        let targets = targets("info,kyc_queue=trace,radius_api=error,hyper=off").unwrap();
        let cases = [
            ("kyc_vault", Level::INFO, true),
            ("kyc_vault", Level::DEBUG, false),
            ("kyc_queue::lease", Level::TRACE, true),
            ("radius_api", Level::WARN, false),
            ("hyper::client", Level::ERROR, false),
        ];
        for (target, level, enabled) in cases {
            assert_eq!(
                targets.would_enable(target, &level),
                enabled,
                "{target} {level}"
            );
        }
    }

    #[test]
    fn an_empty_filter_means_info() {
        for text in ["", "  ", ","] {
            let targets = targets(text).unwrap();
            assert!(targets.would_enable("kyc", &Level::INFO));
            assert!(!targets.would_enable("kyc", &Level::DEBUG));
        }
    }

    #[test]
    fn off_means_off() {
        let targets = targets("off").unwrap();
        assert!(!targets.would_enable("kyc", &Level::ERROR));
        assert!(!targets.would_enable("redis", &Level::ERROR));
    }

    #[test]
    fn a_bad_directive_is_named() {
        for (text, named) in [
            ("inof", "`inof`"),
            ("info,kyc_queue=loud", "`kyc_queue=loud`"),
            ("kyc=", "`kyc=`"),
        ] {
            let message = targets(text).unwrap_err().to_string();
            assert!(message.contains(named), "{message}");
        }
        let refused = targets("info,hyper=debug").unwrap_err();
        assert_eq!(
            refused,
            LogError::Library {
                directive: "hyper=debug".to_owned()
            }
        );
    }
}
