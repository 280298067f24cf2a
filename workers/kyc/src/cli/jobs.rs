//! The arguments of `kyc jobs`.

use clap::{Args, Subcommand, value_parser};

#[derive(Subcommand)]
pub(crate) enum Jobs {
    /// Lists jobs, page by page
    ///
    /// Without a place it shows the first few jobs of every place. With --json it prints one object for each job, and after
    /// the jobs of each place one object with place and next: the value of --from for the next page, or null at the end. A
    /// page may be short or empty before the end, because the search for rare jobs is done in steps.
    ///
    /// With --number it shows all jobs of one tenant in which a person's number occurs: the number to verify, a claim, or a
    /// number of the record. That needs a key that opens. With --json it then prints the objects of the jobs alone.
    List(List),
    /// Shows everything about a job except the person's data
    ///
    /// The exit codes are those of kyc result: 0 completed, 3 not finished, 4 dead or cancelled, 5 unknown. If a reference
    /// has several jobs, the newest decides. With --json it prints one object for each job.
    Show(Show),
    /// Retries dead jobs, starts scheduled jobs now, and repeats the calls of jobs that are held for a decision
    ///
    /// Places: dead, scheduled (jobs that wait for their next attempt, and those with a not_before), needs_decision (jobs
    /// whose call may have been billed without an answer; called again, they may be billed twice). The attempts of a dead
    /// job start anew; its calls and history stay. The exit code is 1 if a job was not retried. With --json it prints one
    /// object for each ID and for each job that was not retried, then the counts.
    Retry(Chosen),
    /// Assesses dead jobs by their retained answers, without a call
    ///
    /// An answer that could not be read is kept for keep_unreadable. The workers read it again with their current version
    /// and settings, and publish the result. If the answer still cannot be used, the job stays dead and is not published
    /// again. Place: dead. The exit code is 1 if a job has no retained answer. With --json the output is that of kyc jobs
    /// retry.
    Reread(Chosen),
    /// Cancels jobs
    ///
    /// Places: waiting, scheduled, needs_decision, running. A call that is under way is not stopped and may be billed; its
    /// answer is refused, and its images are deleted. Images of earlier attempts are deleted in the blob store of blob_url,
    /// which must be that of the workers. The exit code is 1 if a job was not cancelled. With --json the output is that of kyc jobs retry.
    Cancel(Chosen),
    /// Deletes jobs that have ended, with their outcomes and images; this cannot be undone
    ///
    /// Places: completed, dead, cancelled. Images are deleted first, in the blob store of blob_url, which must be that of
    /// the workers. If the deletion is interrupted, the job remains and can be discarded again. The exit code is 1 if a job
    /// was not discarded. With --json the output is that of kyc jobs retry.
    Discard(Discard),
}

/// Which jobs of a place.
#[derive(Args)]
pub(crate) struct Only {
    /// Only jobs of this kind
    #[arg(long)]
    pub kind: Option<String>,
    /// Only jobs of this tenant
    #[arg(long)]
    pub tenant: Option<String>,
    /// Only jobs whose last failure had this code
    #[arg(long)]
    pub code: Option<String>,
}

#[derive(Args)]
pub(crate) struct List {
    /// waiting, scheduled, needs_decision, running, completed, dead or cancelled [default: the first few of each]
    pub place: Option<String>,
    #[command(flatten)]
    pub only: Only,
    /// Where the page starts: the cursor that the previous page ended with
    #[arg(
        long,
        value_name = "CURSOR",
        requires = "place",
        conflicts_with = "number"
    )]
    pub from: Option<String>,
    /// Only jobs in which this number occurs, like bvn:22200000000; bvn:- reads the number from standard input, so that it is
    /// not saved in the shell's history. Types: bvn, nin, phone, license_number, passport_number, rc_number
    #[arg(long, value_name = "TYPE:NUMBER")]
    pub number: Option<String>,
    /// How many jobs of a place [default: 20, or 5 of each place; with --number, all]
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
    /// The tenant that the reference belongs to [default: default]
    #[arg(long, requires = "reference")]
    pub tenant: Option<String>,
    /// How many jobs of the reference
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = value_parser!(u16).range(1..=1000))]
    pub most: u16,
}

/// The jobs to act on: by their ids, or all jobs of a place that match.
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
    /// Acts on all jobs that match without asking
    #[arg(long)]
    pub yes: bool,
}

#[derive(Args)]
pub(crate) struct Discard {
    #[command(flatten)]
    pub chosen: Chosen,
    /// Leaves the images in the blob store; also works for jobs whose outcomes can no longer be opened
    #[arg(long)]
    pub without_images: bool,
}
