//! The configuration of a sandbox.

use std::{fmt, num::NonZeroU32, time::Duration};

/// The behaviour of a sandbox that does not depend on the number of a call.
#[derive(Clone)]
pub struct Config {
    /// The delay before every answer of the provider's API. Default: 0.
    pub latency: Duration,
    /// The calls accepted per second, which is also the burst. Further calls are answered with 429 and
    /// `Retry-After: 1`. Default: no limit.
    pub rate_per_second: Option<NonZeroU32>,
    /// Whether bodies may be compressed. Default: [`Compression::Auto`].
    pub compression: Compression,
    /// The only `Api-Token` that is accepted. Default: any token that is not blank.
    pub api_token: Option<String>,
    /// The approximate size in bytes of an ordinary portrait's file, before base64. Default: 40,000.
    ///
    /// For sizes of about 2,000 bytes and more, the actual size differs by at most 10 %.
    pub image_bytes: usize,
    /// Whether `/` in base64 is written as `\/`, as by PHP's `json_encode`. Default: `false`.
    pub escaped_slashes: bool,
    /// The time in which the whole body of case 031 is sent. Default: 3 s.
    pub slow_body: Duration,
    /// The time after which case 030 closes the connection without an answer. Default: 1 h.
    pub never: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            latency: Duration::ZERO,
            rate_per_second: None,
            compression: Compression::Auto,
            api_token: None,
            image_bytes: 40_000,
            escaped_slashes: false,
            slow_body: Duration::from_secs(3),
            never: Duration::from_hours(1),
        }
    }
}

impl fmt::Debug for Config {
    /// Shows everything except the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("latency", &self.latency)
            .field("rate_per_second", &self.rate_per_second)
            .field("compression", &self.compression)
            .field("image_bytes", &self.image_bytes)
            .field("escaped_slashes", &self.escaped_slashes)
            .field("slow_body", &self.slow_body)
            .field("never", &self.never)
            .finish_non_exhaustive()
    }
}

/// Whether a sandbox compresses bodies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// gzip or brotli, if the client accepts one of them.
    #[default]
    Auto,
    /// No compression.
    Off,
}
