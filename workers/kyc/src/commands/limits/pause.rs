//! Pauses and resumes kinds and the account by hand.

use anyhow::{Result, anyhow};
use kyc_queue::{ACCOUNT, Parked, Pause};
use serde_json::json;

use super::scope::{All, several};
use crate::{
    cli::{self, Scopes},
    output,
    settings::{Settings, duration},
};

/// Who pauses, where the name of a person is not known.
const BY: &str = "kyc";

/// Pauses scopes until they are resumed, or for a time.
pub(crate) async fn pause(args: &cli::Pause, settings: &Settings, json: bool) -> Result<()> {
    let scopes = several(&args.scopes.scopes, All::Kinds)?;
    let lasts = args
        .lasts
        .as_deref()
        .map(|text| duration(text).map_err(|remedy| anyhow!("--for is wrong: {remedy}")));
    let pause = Pause {
        lasts: lasts.transpose()?,
        by: BY.to_owned(),
        note: args.note.clone(),
    };
    let queue = settings.connect().await?;
    for scope in scopes {
        queue.pause_as(scope, &pause).await?;
        if json {
            output::tell(json!({ "kind": scope, "paused": true }))?;
            continue;
        }
        let until = args.lasts.as_deref().map_or_else(
            || "until it is resumed".to_owned(),
            |lasts| format!("for {lasts}, unless it is resumed before"),
        );
        output::tell(format_args!(
            "{scope} sends nothing {until}: kyc limits resume {scope}"
        ))?;
    }
    Ok(())
}

/// Resumes scopes, and prints why they were parked and what still stops them.
pub(crate) async fn resume(scopes: &Scopes, settings: &Settings, json: bool) -> Result<()> {
    let scopes = several(&scopes.scopes, All::KindsAndAccount)?;
    let queue = settings.connect().await?;
    let mut resumed = Vec::with_capacity(scopes.len());
    for scope in &scopes {
        resumed.push((*scope, queue.resume(scope).await?));
    }
    // `parked` always includes the account.
    let kinds: Vec<&str> = scopes
        .into_iter()
        .filter(|scope| *scope != ACCOUNT)
        .collect();
    let parked = queue.parked(&kinds).await?;
    for (scope, was) in resumed {
        if !json {
            output::tell(told(scope, was.as_deref(), &parked))?;
            continue;
        }
        let mut said = json!({ "kind": scope, "resumed": true });
        if let Some(was) = was {
            said["was"] = was.into();
        }
        output::tell(said)?;
    }
    Ok(())
}

fn told(scope: &str, was: Option<&str>, parked: &[Parked]) -> String {
    let mut text = match was {
        None => format!("{scope} was not parked"),
        Some("paused") => format!("{scope} may send again: it was paused by hand"),
        Some(why) => format!(
            "{scope} may send again, a single call first and the others once it succeeds: it was parked ({why})"
        ),
    };
    // Resuming does not lift a daily quota, and a kind also needs permission from the account.
    for still in parked {
        let command = output::way_out(&still.kind, &still.reason);
        if still.kind == scope {
            text += &format!("; it still sends nothing ({}): {command}", still.reason);
        } else if still.kind == ACCOUNT {
            text += &format!("; the account sends nothing ({}): {command}", still.reason);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_still_closes_a_kind_is_told() {
        let parked = |kind: &str, reason: &str| Parked {
            kind: kind.to_owned(),
            reason: reason.to_owned(),
            until_ms: None,
        };
        let quota = [parked("nin", "daily_quota"), parked("account", "paused")];
        assert_eq!(told("bvn", None, &[]), "bvn was not parked");
        assert_eq!(
            told("bvn", Some("paused"), &quota),
            "bvn may send again: it was paused by hand; the account sends nothing (paused): kyc limits resume account"
        );
        assert_eq!(
            told("nin", None, &quota[..1]),
            "nin was not parked; it still sends nothing (daily_quota): kyc limits set nin --daily N"
        );
        let wallet = told("bvn", Some("wallet_empty"), &[]);
        assert!(wallet.contains("a single call first"), "{wallet}");
    }
}
