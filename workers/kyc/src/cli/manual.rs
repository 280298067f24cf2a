//! The arguments of `kyc completions` and `kyc man`.

use std::path::PathBuf;

use clap::Args;

#[derive(Args)]
pub(crate) struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}

#[derive(Args)]
pub(crate) struct Man {
    /// The folder, which is made if it is missing [default: prints the page of kyc alone]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}
