//! What one sandbox is told when it starts.

use std::{fmt, num::NonZeroU32, time::Duration};

/// How a sandbox behaves beyond what the number of a call decides.
#[derive(Clone)]
pub struct Config {
    /// Waited before every answer of the provider's API; 0 by default.
    pub latency: Duration,
    /// Calls let through per second, with a burst of as many; the rest get a 429 with `Retry-After: 1`. No limit by default.
    pub rate_per_second: Option<NonZeroU32>,
    /// Whether bodies may be compressed; [`Compression::Auto`] by default.
    pub compression: Compression,
    /// The only `Api-Token` let in. By default any token that is not blank.
    pub api_token: Option<String>,
    /// About how many bytes the file of an ordinary portrait has, before base64; 40,000 by default.
    /// What is drawn lands within 10 % of it, from about 2,000 bytes up.
    pub image_bytes: usize,
    /// Whether a `/` in base64 is written as `\/`, as PHP's `json_encode` does; `false` by default.
    pub escaped_slashes: bool,
    /// How long the body of case 031 takes in all; 3 s by default.
    pub slow_body: Duration,
    /// How long case 030 hangs before its connection is closed without an answer; 1 h by default.
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
    /// Everything but the token.
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

/// Whether a sandbox compresses what it sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// gzip or brotli, when the client accepts one of them.
    #[default]
    Auto,
    /// Never.
    Off,
}
