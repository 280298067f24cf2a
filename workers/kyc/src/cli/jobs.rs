//! The words of `kyc jobs`.

use clap::{Args, Subcommand, value_parser};

#[derive(Subcommand)]
pub(crate) enum Jobs {
    /// Lists jobs, page by page
    ///
    /// Without a place it shows the first few of every place that holds any. With --json it prints one object for
    /// each job, and behind each place one with the place and next: what --from takes for the next page, or null at
    /// the end. A page may be short, even empty, before the end: rare jobs among many are looked for in steps.
    List(List),
    /// Tells all that is known of a job but what was found out about the person
    ///
    /// Ends like kyc result: 0 completed, 3 not finished, 4 dead or cancelled, 5 unknown; where a reference has several
    /// jobs, as the newest of them stands. With --json it prints one object for each job.
    Show(Show),
    /// Gives dead jobs another life, lets those that wait for their time begin now, and calls those again that wait for a
    /// person
    ///
    /// Places: dead, scheduled (jobs that wait for their next attempt, and those with a not_before), needs_decision (jobs whose call
    /// may have been billed without an answer; called again, they may be billed twice). A dead job's attempts begin anew;
    /// its calls and history stay. Ends with 1 when a job was not retried. With --json it prints one object for each ID and
    /// for each job that was not retried, then the counts.
    Retry(Chosen),
    /// Assesses dead jobs by the answers that are kept with them, without a call
    ///
    /// An answer that could not be read is kept for keep_unreadable. The workers read it with the reader and the policy that
    /// they have now, and publish what comes of it; one that is still of no use leaves its job dead as it was, and is
    /// published no second time. Place: dead. Ends with 1 when a job keeps no answer. With --json it prints as kyc jobs
    /// retry does.
    Reread(Chosen),
    /// Calls jobs off
    ///
    /// Places: waiting, scheduled, needs_decision, running. A call that is under way is not stopped and may be billed; its answer is
    /// refused. Ends with 1 when a job was not cancelled. With --json it prints as kyc jobs retry does.
    Cancel(Chosen),
    /// Forgets jobs that have ended, with their outcomes and images: this cannot be undone
    ///
    /// Places: completed, dead, cancelled. Images are deleted first, in the blob store that blob_url names: it must be
    /// the workers'. If that is interrupted, the job is still there to be discarded again. Ends with 1 when a job was not
    /// discarded. With --json it prints as kyc jobs retry does.
    Discard(Discard),
}

/// Which jobs of a place.
#[derive(Args)]
pub(crate) struct Only {
    /// Only this kind
    #[arg(long)]
    pub kind: Option<String>,
    /// Only this tenant's
    #[arg(long)]
    pub tenant: Option<String>,
    /// Only those whose last failure had this code
    #[arg(long)]
    pub code: Option<String>,
}

#[derive(Args)]
pub(crate) struct List {
    /// waiting, scheduled, needs_decision, running, completed, dead or cancelled [default: the first few of each]
    pub place: Option<String>,
    #[command(flatten)]
    pub only: Only,
    /// Where the page begins: what the page before ended with
    #[arg(long, value_name = "CURSOR", requires = "place")]
    pub from: Option<String>,
    /// How many of a place [default: 20, or 5 of each]
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..=1000))]
    pub most: Option<u16>,
}

#[derive(Args)]
pub(crate) struct Show {
    /// The job
    #[arg(required_unless_present = "reference")]
    pub id: Option<String>,
    /// All jobs with this reference, the newest first
    #[arg(long, conflicts_with = "id")]
    pub reference: Option<String>,
    /// Whose reference it is [default: default]
    #[arg(long, requires = "reference")]
    pub tenant: Option<String>,
    /// How many of a reference
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = value_parser!(u16).range(1..=1000))]
    pub most: u16,
}

/// Jobs to do something with: by their ids, or all of a place that match.
#[derive(Args)]
pub(crate) struct Chosen {
    /// The jobs
    #[arg(
        value_name = "ID",
        required_unless_present = "place",
        conflicts_with_all = ["place", "kind", "tenant", "code"]
    )]
    pub ids: Vec<String>,
    /// All jobs of this place that match
    #[arg(long)]
    pub place: Option<String>,
    #[command(flatten)]
    pub only: Only,
    /// Does it to all that match without asking
    #[arg(long)]
    pub yes: bool,
}

#[derive(Args)]
pub(crate) struct Discard {
    #[command(flatten)]
    pub chosen: Chosen,
    /// Leaves the images in the blob store: also for jobs whose outcomes cannot be opened any more
    #[arg(long)]
    pub without_images: bool,
}
