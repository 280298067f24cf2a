//! `kyc completions` and `kyc man`: made from the definition of the command line itself.

use std::{
    fs,
    io::{self, Write},
    process::ExitCode,
};

use anyhow::{Context, Result};
use clap::CommandFactory;

use crate::{
    cli::{Cli, Completions, Man},
    output,
};

const NAME: &str = "kyc";

/// Prints the completions for a shell.
pub(crate) fn completions(args: &Completions) -> Result<ExitCode> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), NAME, &mut text);
    printed(&text)
}

/// Prints the page of `kyc`, or writes the pages of all commands into a folder.
pub(crate) fn man(args: &Man) -> Result<ExitCode> {
    let Some(dir) = &args.out else {
        let mut text = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut text)?;
        return printed(&text);
    };
    fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    clap_mangen::generate_to(Cli::command(), dir)
        .with_context(|| format!("cannot write to {}", dir.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn printed(text: &[u8]) -> Result<ExitCode> {
    output::written(io::stdout().lock().write_all(text))?;
    Ok(ExitCode::SUCCESS)
}
