//! The arguments of `kyc assess`.

use std::path::PathBuf;

use clap::Args;

#[derive(Args)]
pub(crate) struct Assess {
    /// bvn, nin, nin_phone, cac, drivers_license or passport; with --since, only verifications of this kind
    #[arg(long, required_unless_present = "since")]
    pub kind: Option<String>,
    /// File with the claims, like {"last_name": "Okafor"}, or a whole job; - for standard input
    #[arg(long, value_name = "FILE", required_unless_present = "since")]
    pub claims: Option<PathBuf>,
    /// File with the record, as "record" in kyc result --json, or the provider's own answer; - for standard input
    #[arg(long, value_name = "FILE", required_unless_present = "since")]
    pub record: Option<PathBuf>,
    /// Assesses again the verifications that were completed within this time, like 7d
    #[arg(long, value_name = "TIME", conflicts_with_all = ["claims", "record"])]
    pub since: Option<String>,
    /// Only verifications of this tenant
    #[arg(long, requires = "since")]
    pub tenant: Option<String>,
    /// Lists this many verifications of each change, or all if N is left out [default: 5; with --json all]
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = ALL, requires = "since")]
    pub ids: Option<usize>,
}

/// Larger than any number of verifications.
const ALL: &str = "4294967295";
