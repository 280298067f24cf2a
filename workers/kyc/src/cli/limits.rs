//! The words of `kyc limits`.

use clap::{Args, Subcommand};

#[derive(Subcommand)]
pub(crate) enum Limits {
    /// How every kind and the account stand: limits, what is used of them, what waits, what is parked
    ///
    /// With --json it prints one array with an object for each kind, and the account's at last.
    Show,
    /// Sets limits of a kind or of the account, for all workers at once
    ///
    /// What is given replaces that limit, the others stay; none takes one away. A call needs the leave of its kind and
    /// of the account. With --json it prints the object that kyc limits --json has of it.
    #[command(override_usage = "kyc limits set SCOPE [OPTIONS]")]
    Set {
        /// A kind, or account for all kinds together
        scope: String,
        #[command(flatten)]
        given: Given,
    },
    /// Takes all limits of a kind or of the account away
    Clear {
        /// A kind, or account
        scope: String,
    },
    /// Lets kinds, or the account, send nothing until they are resumed; what is under way goes on
    ///
    /// all is all kinds. With --json it prints one object for each.
    Pause(Scopes),
    /// Lets kinds, or the account, that are parked or paused send again, at once
    ///
    /// all is all kinds and the account. What was not paused by hand begins with a single call: if that succeeds, the
    /// others follow. With --json it prints one object for each; was is why it was closed, and missing when it was not.
    Resume(Scopes),
}

/// Limits as they are written.
#[derive(Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Given {
    /// Calls in any period of 1 s to 24 h, like 5/s, 300/m, 1000/h or 2/10s; or none
    #[arg(long, value_name = "RATE")]
    pub rate: Option<String>,
    /// How many may go at once after a quiet time: 1, or at most as many as the rate has calls [default: as it was, else 1]
    #[arg(long, value_name = "N")]
    pub burst: Option<String>,
    /// How much longer than its period the rate's calls are spread over [default: as it was, else 25ms]
    #[arg(long, value_name = "TIME")]
    pub margin: Option<String>,
    /// Calls from midnight to midnight; or none
    #[arg(long, value_name = "N")]
    pub daily: Option<String>,
    /// Whose midnight: a name like Africa/Lagos, or a POSIX rule [default: as it was, else Africa/Lagos]
    #[arg(long, value_name = "ZONE")]
    pub zone: Option<String>,
    /// Jobs in the hands of workers at once; or none
    #[arg(long, value_name = "N")]
    pub in_flight: Option<String>,
}

/// Kinds and the account.
#[derive(Args)]
pub(crate) struct Scopes {
    /// Kinds, account, or all
    #[arg(value_name = "SCOPE", required = true)]
    pub scopes: Vec<String>,
}
