//! The arguments of `kyc enqueue`.

use std::path::PathBuf;

use clap::Args;

use crate::commands::enqueue::Ranges;

#[derive(Args)]
pub(crate) struct Enqueue {
    /// bvn, nin, nin_phone, cac, drivers_license or passport. With --file: the kind of rows that do not name theirs
    #[arg(required_unless_present = "file")]
    pub kind: Option<String>,
    /// The number to check; - reads it from standard input, so that it is not saved in the shell's history
    #[arg(required_unless_present = "file")]
    pub number: Option<String>,
    /// File of jobs: a table (CSV) with a header, or a JSON object in each line; - for standard input. Each row is accepted or
    /// refused by itself. With kind and --priority for rows that do not name theirs. The exit code is 1 if some rows were refused, and 6 if the file could not be sent to its end; the remaining lines are then printed
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = [
            "number", "fields", "claims", "reference", "tenant", "idempotency_key", "purpose",
            "consent", "fresh", "wait",
        ]
    )]
    pub file: Option<PathBuf>,
    /// Only these lines of the file, like 33-64,97-
    #[arg(long, value_name = "RANGES", requires = "file", value_parser = Ranges::parse)]
    pub lines: Option<Ranges>,
    /// A field that the kind requires, or any other field of a job
    #[arg(long = "field", value_name = "NAME=VALUE")]
    pub fields: Vec<String>,
    /// A claim of the person, to be compared with the record
    #[arg(long = "claim", value_name = "NAME=VALUE")]
    pub claims: Vec<String>,
    /// Your own id
    #[arg(long)]
    pub reference: Option<String>,
    /// The tenant that the job belongs to
    #[arg(long)]
    pub tenant: Option<String>,
    /// high, normal or low
    #[arg(long)]
    pub priority: Option<String>,
    /// Two jobs of a tenant with the same key are one job
    #[arg(long, value_name = "KEY")]
    pub idempotency_key: Option<String>,
    /// The purpose of the check
    #[arg(long)]
    pub purpose: Option<String>,
    /// Your own record of the person's consent
    #[arg(long, value_name = "REFERENCE", requires = "consent_at")]
    pub consent: Option<String>,
    /// When the person consented, like 2026-01-31T14:30:00Z
    #[arg(long, value_name = "TIME", requires = "consent")]
    pub consent_at: Option<String>,
    /// Calls the provider even if an answer could be reused
    #[arg(long)]
    pub fresh: bool,
    /// Waits for the result
    #[arg(long)]
    pub wait: bool,
}
