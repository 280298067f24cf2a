//! The arguments of `kyc acl`.

use clap::Args;

#[derive(Args)]
pub(crate) struct Acl {
    /// What the user may do
    #[arg(long, value_name = "ROLE")]
    pub role: Role,
    /// The tenant of a producer
    #[arg(long, value_name = "NAME")]
    pub tenant: Option<String>,
    /// A server that also serves /v1/admin
    #[arg(long)]
    pub operate: bool,
    /// The user's name [default: the role, and the tenant of a producer]
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
}

/// A role of a Redis user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Role {
    /// Adds jobs to its tenant's inbox, and reads its tenant's results
    Producer,
    /// Runs `kyc work`
    Worker,
    /// Sets limits, pauses kinds, retries and cancels jobs
    Operator,
    /// Looks, and changes nothing
    Reader,
    /// Runs `kyc serve`
    Server,
}
