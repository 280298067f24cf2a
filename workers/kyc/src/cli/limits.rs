//! The arguments of `kyc limits`.

use clap::{Args, Subcommand};

#[derive(Subcommand)]
pub(crate) enum Limits {
    /// Shows every kind and the account: limits, what is used of them, waiting jobs, what is parked
    ///
    /// With --json it prints one array with an object for each kind; the last object is that of the account.
    Show,
    /// Sets limits of a kind or of the account, for all workers at once
    ///
    /// A limit that is given replaces the old one; none removes it; the others stay. A call needs permission from its kind
    /// and from the account. With --json it prints the object of this scope as in kyc limits --json.
    #[command(override_usage = "kyc limits set SCOPE [OPTIONS]")]
    Set {
        /// A kind, or account for all kinds together
        scope: String,
        #[command(flatten)]
        given: Given,
    },
    /// Removes all limits of a kind or of the account
    Clear {
        /// A kind, or account
        scope: String,
    },
    /// Stops the calls of kinds, or of the account, until they are resumed; calls under way are not stopped
    ///
    /// all means all kinds. With --json it prints one object for each.
    Pause(Pause),
    /// Resumes the calls of kinds, or of the account, that are parked or paused
    ///
    /// all means all kinds and the account. A kind that was not paused by hand starts with a single call; if it succeeds,
    /// the others follow. With --json it prints one object for each; was is the reason why it was parked, and is missing if
    /// it was not.
    Resume(Scopes),
}

/// Limits as they are written on the command line.
#[derive(Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Given {
    /// Calls in any period of 1 s to 24 h, like 5/s, 300/m, 1000/h or 2/10s; or none
    #[arg(long, value_name = "RATE")]
    pub rate: Option<String>,
    /// Calls that may be sent at once after a quiet time: from 1 to the calls of the rate [default: unchanged, else 1]
    #[arg(long, value_name = "N")]
    pub burst: Option<String>,
    /// How much longer than the rate's period its calls are spread over [default: unchanged, else 25ms]
    #[arg(long, value_name = "TIME")]
    pub margin: Option<String>,
    /// Calls from midnight to midnight; or none
    #[arg(long, value_name = "N")]
    pub daily: Option<String>,
    /// Time zone of that midnight: a name like Africa/Lagos, or a POSIX rule [default: unchanged, else Africa/Lagos]
    #[arg(long, value_name = "ZONE")]
    pub zone: Option<String>,
    /// Jobs that workers hold at once; or none
    #[arg(long, value_name = "N")]
    pub in_flight: Option<String>,
}

/// What is paused, for how long, and why.
#[derive(Args)]
pub(crate) struct Pause {
    #[command(flatten)]
    pub scopes: Scopes,
    /// For how long, like 2h [default: until it is resumed]
    #[arg(long = "for", value_name = "TIME")]
    pub lasts: Option<String>,
    /// Why, for people: at most 200 characters, without numbers of persons
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub note: String,
}

/// Kinds and the account.
#[derive(Args)]
pub(crate) struct Scopes {
    /// Kinds, account, or all
    #[arg(value_name = "SCOPE", required = true)]
    pub scopes: Vec<String>,
}
