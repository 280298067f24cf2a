//! `kyc assess`: tries a policy. It compares claims with a record from files, or assesses stored verifications again by the
//! current settings. It makes no call and changes nothing.

mod assessed;
mod claims;
mod ours;
mod record;
mod stored;

use std::{io::Read, path::Path, process::ExitCode};

use anyhow::{Context, Result, bail};
use kyc_domain::{Claims, MatchPolicies, ReasonCode, Verdict, assess, matching::Assessment};
use kyc_kinds::Kind;

use crate::{
    cli::Assess,
    output,
    settings::{Settings, duration},
};

pub(crate) use assessed::Assessed;
use record::Parsed;
pub(crate) use stored::{Change, Tally};

/// Assesses; the exit code is 0 whatever the verdict.
pub(crate) async fn run(args: &Assess, settings: &Settings, json: bool) -> Result<ExitCode> {
    let kind = args.kind.as_deref().map(kind).transpose()?;
    let matching = settings.matching()?;
    if let Some(since) = &args.since {
        let within = duration(since).map_err(|remedy| anyhow::anyhow!("--since: {remedy}"))?;
        let wanted = stored::Wanted {
            kind: kind.map(|kind| kind.name),
            tenant: args.tenant.clone(),
        };
        let most = args.ids.unwrap_or(if json { usize::MAX } else { 5 });
        let queue = settings.connect_opening().await?;
        let tally = stored::assess_again(&queue, within, wanted, matching, most).await?;
        if json {
            output::line(serde_json::to_string(&tally)?)?;
        } else {
            output::line(output::changes(&tally, since))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let (Some(kind), Some(claims), Some(record)) = (kind, &args.claims, &args.record) else {
        bail!("give --kind, --claims and --record, or --since");
    };
    if claims == record {
        bail!("--claims and --record name the same file; give two files, or one of them as -");
    }
    let claims = claims::read(kind, &bytes("--claims", claims)?, &matching)?;
    let said = record::read(kind, &bytes("--record", record)?, &settings.understanding())?;
    let assessment = of(kind, &claims, &said, &matching);
    let told = Assessed::new(kind, &claims, &assessment, &said);
    if json {
        output::line(serde_json::to_string(&told)?)?;
    } else {
        output::line(output::assessed(&told))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the assessment that a worker would make of this answer.
fn of(kind: &Kind, claims: &Claims, said: &Parsed, matching: &MatchPolicies) -> Assessment {
    match said {
        Parsed::Record(record) => assess(claims, record, matching.of(kind.name)),
        Parsed::NotFound => Assessment::without_record(Verdict::NotFound, ReasonCode::NotFound),
        Parsed::Rejected => Assessment::without_record(Verdict::Rejected, ReasonCode::Rejected),
    }
}

fn kind(name: &str) -> Result<&'static Kind> {
    kyc_kinds::find(name).with_context(|| {
        let known: Vec<&str> = kyc_kinds::names().collect();
        format!("--kind is not a kind; the kinds are {}", known.join(", "))
    })
}

/// More than the size of an answer with its images.
const LARGEST: u64 = 64 << 20;

/// Reads a file, or standard input for `-`.
fn bytes(flag: &str, path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().take(LARGEST).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes))
    };
    read.with_context(|| format!("{flag}: cannot read {}", path.display()))?;
    Ok(bytes)
}
