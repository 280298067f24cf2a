//! `kyc settings`: the table of settings.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;

use crate::{output, settings::SETTINGS};

/// Prints a row for each setting, as JSON or as the Markdown table that this crate's README contains.
pub(crate) fn run(json: bool) -> Result<ExitCode> {
    if !json {
        output::line("| setting | variable | default | what it is |\n| --- | --- | --- | --- |")?;
    }
    for setting in SETTINGS {
        let (key, default, what) = (setting.key, setting.default, setting.what);
        let variable = format!("KYC_{}", key.to_uppercase());
        if json {
            output::line(
                json!({ "setting": key, "variable": variable, "default": default, "what": what }),
            )?;
        } else {
            let default = if default.is_empty() {
                "–".to_owned()
            } else {
                format!("`{default}`")
            };
            output::line(format_args!(
                "| `{key}` | `{variable}` | {default} | {what} |"
            ))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
