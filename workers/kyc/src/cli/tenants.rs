//! The arguments of `kyc tenants`.

use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Tenants {
    /// Gives a tenant an inbox and a results stream of its own
    Add {
        /// The tenant
        tenant: String,
        /// How many jobs of its inbox are accepted in a period, like 50/s [default: unlimited]
        #[arg(long, value_name = "RATE")]
        accept: Option<String>,
    },
    /// Changes how fast jobs of a tenant's inbox are accepted
    Limit {
        /// The tenant; default is that of the inbox that all installations have
        tenant: String,
        /// How many jobs of its inbox are accepted in a period, like 50/s; none removes the limit
        #[arg(long, value_name = "RATE")]
        accept: String,
    },
    /// Stops reading a tenant's inbox, and lets its results go when their time is over
    Remove {
        /// The tenant
        tenant: String,
    },
    /// Lists the tenants, with the entries that wait in their inboxes, and why they wait
    List,
}
