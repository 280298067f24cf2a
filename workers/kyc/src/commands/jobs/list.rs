//! `kyc jobs list`: lists jobs by place.

use std::process::ExitCode;

use anyhow::{Result, ensure};
use kyc_queue::{Filter, Page, Place, Queue};
use serde_json::json;

use super::{choice, number};
use crate::{cli::List, output, settings::Settings};

/// How many jobs a page has by default.
const PAGE: u16 = 20;
/// How many jobs of each place are shown by default if no place is given.
const FEW: u16 = 5;
/// How many queries one page may take: a query looks at some hundreds of jobs, and jobs that match may be rare.
const STEPS: usize = 10;

/// Shows a page of one place, or the first jobs of every place.
pub(crate) async fn run(args: &List, settings: &Settings, json: bool) -> Result<ExitCode> {
    if let Some(text) = &args.number {
        return number::run(args, text, settings, json).await;
    }
    let (places, most) = match &args.place {
        Some(named) => (vec![choice::place("PLACE", named, &Place::ALL)?], PAGE),
        None => (Place::ALL.to_vec(), FEW),
    };
    let most = args.most.unwrap_or(most);
    let from = args.from.as_deref();
    let filters = places
        .iter()
        .map(|place| choice::filter(*place, &args.only));
    let filters = filters.collect::<Result<Vec<Filter>>>()?;
    ensure!(
        from.is_none_or(|from| places.iter().all(|place| place.takes(from))),
        "--from is wrong: write the cursor that the previous page of the same place ended with"
    );
    let kinds: Vec<&str> = kyc_kinds::names().collect();
    let queue = settings.connect().await?;
    let mut nothing = true;
    for filter in &filters {
        let page = page(&queue, filter, &kinds, from, most.into()).await?;
        nothing &= page.jobs.is_empty() && page.next.is_none();
        if json {
            lines(filter.place, &page)?;
        } else {
            show(filter, &page, most)?;
        }
    }
    if nothing && !json {
        let such = choice::words(&filters[0]);
        match filters.as_slice() {
            [only] => eprintln!("No job is {}{such}", only.place),
            _ => eprintln!("There is no job{such}"),
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads until the page is full or the place ends, in at most [`STEPS`] queries.
async fn page(
    queue: &Queue,
    filter: &Filter,
    kinds: &[&str],
    from: Option<&str>,
    most: usize,
) -> Result<Page> {
    let mut page = queue.jobs(filter, kinds, from, most).await?;
    for _ in 1..STEPS {
        let missing = most - page.jobs.len();
        let Some(next) = page.next.as_deref().filter(|_| missing > 0) else {
            break;
        };
        let more = queue.jobs(filter, kinds, Some(next), missing).await?;
        page.jobs.extend(more.jobs);
        page.next = more.next;
    }
    Ok(page)
}

fn lines(place: Place, page: &Page) -> Result<()> {
    for job in &page.jobs {
        output::line(serde_json::to_string(job)?)?;
    }
    output::line(json!({ "place": place.as_str(), "next": page.next }))
}

fn show(filter: &Filter, page: &Page, most: u16) -> Result<()> {
    let place = filter.place;
    if !page.jobs.is_empty() {
        output::line(format_args!("{place}:\n{}", output::jobs(&page.jobs)))?;
    }
    if let Some(next) = &page.next {
        let words = choice::words(filter);
        let go_on = format!("kyc jobs list {place}{words} --most {most} --from {next}");
        if page.jobs.is_empty() {
            eprintln!("None so far, and not all {place} jobs were looked at; go on with: {go_on}");
        } else {
            eprintln!("There may be more: {go_on}");
        }
    }
    Ok(())
}
