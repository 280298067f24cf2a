//! `kyc assess`: a policy tried out. Claims are compared with a record from files, or stored verifications against the
//! settings of now. Nothing is called, and nothing is changed.

mod claims;
mod ours;
mod record;
mod stored;

use std::{io::Read, path::Path, process::ExitCode};

use anyhow::{Context, Result, bail};
use kyc_domain::{
    Claims, MatchPolicies, Reason, ReasonCode, Record, Verdict, assess, matching::Assessment,
};
use kyc_kinds::Kind;
use serde::Serialize;

use super::explain::{Compared, Shown, compared};
use crate::{
    cli::Assess,
    output,
    settings::{Settings, duration},
};

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
        let queue = settings.connect().await?;
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
        bail!("--claims and --record name the same; give two files, or one of them as -");
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

/// What a worker makes of such an answer.
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
        format!(
            "--kind: it names no kind; the kinds are {}",
            known.join(", ")
        )
    })
}

/// More than an answer with its images.
const LARGEST: u64 = 64 << 20;

/// What stands in a file, or comes on standard input.
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

/// An assessment that is no verification's, with everything personal masked.
#[derive(Serialize)]
pub(crate) struct Assessed<'a> {
    pub(crate) asked: Asked<'a>,
    pub(crate) verdict: &'a str,
    pub(crate) sentence: &'a str,
    pub(crate) compared: Vec<Compared<'a>>,
    pub(crate) reasons: &'a [Reason],
}

/// What was compared with the record.
#[derive(Serialize)]
pub(crate) struct Asked<'a> {
    pub(crate) kind: &'a str,
    pub(crate) title: &'a str,
    pub(crate) claimed: Vec<Shown>,
}

impl<'a> Assessed<'a> {
    fn new(kind: &'a Kind, claims: &Claims, assessment: &'a Assessment, said: &Parsed) -> Self {
        let record: Option<&Record> = match said {
            Parsed::Record(record) => Some(record),
            Parsed::NotFound | Parsed::Rejected => None,
        };
        Self {
            asked: Asked {
                kind: kind.name,
                title: kind.title,
                claimed: claims.iter().map(Shown::of).collect(),
            },
            verdict: assessment.verdict.as_str(),
            sentence: assessment.verdict.sentence(),
            compared: compared(&assessment.checks, Some(claims), record),
            reasons: &assessment.reasons,
        }
    }
}
