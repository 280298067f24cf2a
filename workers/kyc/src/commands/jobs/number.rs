//! `kyc jobs list --number`: lists the jobs in which a number of a person occurs.

use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use kyc_domain::{NumberType, Tenant, TypedNumber};
use kyc_queue::{Place, Verification};

use super::choice;
use crate::{cli::List, commands::given_or_read, output, settings::Settings};

/// How many jobs are read at once.
const AT_ONCE: usize = 200;

/// Shows all jobs of a tenant in which the number occurs, the newest first.
pub(super) async fn run(
    args: &List,
    number: &str,
    settings: &Settings,
    json: bool,
) -> Result<ExitCode> {
    let place = args.place.as_deref();
    let place = place.map(|named| choice::place("PLACE", named, &Place::ALL));
    let place = place.transpose()?;
    let filter = choice::filter(place.unwrap_or(Place::Waiting), &args.only)?;
    let default = Tenant::default();
    let tenant = args.only.tenant.as_deref().unwrap_or(default.as_str());
    settings
        .opening_keys()
        .context("--number: jobs are found by number with a key that opens")?;
    let number = parsed(number)?;
    let queue = settings.connect().await?;
    let most = args.most.map_or(usize::MAX, usize::from);
    let (ids, mut shown, mut jobs) = (queue.find_person(tenant, &number).await?, 0, Vec::new());
    let is_meant =
        |job: &Verification| place.is_none_or(|place| place.holds(job)) && filter.lets_through(job);
    for some in ids.chunks(AT_ONCE) {
        let known = queue.look_at(some).await?;
        let meant = known.into_iter().filter(is_meant);
        for job in meant.take(most.saturating_sub(shown)) {
            shown += 1;
            if json {
                output::line(serde_json::to_string(&job)?)?;
            } else {
                jobs.push(job);
            }
        }
    }
    if shown == 0 {
        eprintln!(
            "No such job of the tenant {tenant} has this number; --tenant names another tenant"
        );
    } else if !json {
        output::line(output::jobs(&jobs))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Parses a number with its type. Errors do not repeat it.
fn parsed(text: &str) -> Result<TypedNumber> {
    let named = text.split_once(':');
    let read = named.and_then(|(of, number)| Some((NumberType::named(of)?, number)));
    let (of, number) = read.ok_or_else(|| {
        let types: Vec<&str> = NumberType::ALL.into_iter().map(NumberType::name).collect();
        anyhow!(
            "--number is wrong: write its type in front of it, like bvn:22200000000, or bvn:- to read it from standard input; \
             types are {}",
            types.join(", ")
        )
    })?;
    let number = given_or_read(number)?;
    TypedNumber::parse(of, &number)
        .map_err(|fault| anyhow!("--number {}; {}", fault.problem, fault.remedy))
}
