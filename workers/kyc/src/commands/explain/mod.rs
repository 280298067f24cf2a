//! `kyc explain`: explains one verification to people, from its request to its cost, with everything personal masked.

mod explanation;
mod words;

use std::process::ExitCode;

use anyhow::Result;
use kyc_kinds::Rules;
use kyc_queue::Error;

pub(crate) use explanation::{Asked, Compared, Explanation, Shown, Tried, compared};

use super::{id, result};
use crate::{cli::Explain, output, settings::Settings};

/// Explains a verification. The exit code tells its state.
pub(crate) async fn run(args: &Explain, settings: &Settings, json: bool) -> Result<ExitCode> {
    let id = id(&args.id)?;
    let queue = settings.connect_opening().await?;
    let Some(known) = queue.look(id).await? else {
        return Ok(result::unknown(id));
    };
    let sealed = match queue.request(id).await {
        // The state of the job says why it cannot be opened.
        Err(Error::Erased { .. } | Error::KeyRecords(_)) => None,
        request => request?,
    };
    let request = sealed.and_then(|json| kyc_kinds::parse(&json, Rules::ACCEPTED).ok());
    let explanation = Explanation::of(&known, request.as_ref());
    if json {
        output::line(serde_json::to_string(&explanation)?)?;
    } else {
        output::line(output::explanation(&explanation))?;
    }
    Ok(result::exit_code(&known))
}
