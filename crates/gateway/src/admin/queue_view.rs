//! The numbers of the queue as the API shows them.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use kyc_queue::{ACCOUNT, Gauges, LimiterView, Sum, Totals};
use serde::Serialize;
use utoipa::ToSchema;

use super::limits_view::ClosedView;

/// The numbers of the queue.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Queue)]
pub(crate) struct View {
    /// When they were read.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What waits of each kind, and why.
    kinds: Vec<OfKind>,
    /// All kinds together.
    account: Account,
    /// Jobs that follow another one's call, or have a cached answer.
    coalesced: u64,
    /// Jobs that wait for a time.
    scheduled: Since,
    /// Jobs that are held for a decision.
    needs_decision: Since,
    /// Entries of the inboxes that no worker has accepted yet.
    inbox: Since,
    /// Jobs that workers have.
    running: u64,
    /// Completed jobs that are kept.
    completed: u64,
    /// Cancelled jobs that are kept.
    cancelled: u64,
    /// Dead jobs.
    dead: Dead,
    /// Entries of the inboxes that could not be accepted.
    rejected: u64,
    /// Workers that are alive.
    workers: u64,
    /// What happened in the last minutes.
    happened: Happened,
}

/// The jobs of a kind that wait in ready queues.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QueueOfKind)]
struct OfKind {
    #[schema(example = "bvn")]
    kind: String,
    /// How many wait.
    waiting: u64,
    /// Why the kind sends nothing, if that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<ClosedView>,
    /// Since when the one at the head of a queue was accepted, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_ms: Option<u64>,
    /// How many run.
    running: u64,
    /// When those that wait will have been sent, if no others come; missing if that cannot be computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    done_by: Option<Timestamp>,
}

/// All kinds together.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QueueOfAccount)]
struct Account {
    /// How many jobs wait in ready queues.
    waiting: u64,
    /// Why no kind sends anything, if that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<ClosedView>,
    /// When they will have been sent, if no others come; missing if that cannot be computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    done_by: Option<Timestamp>,
}

/// How many there are, and for how long the oldest has been there.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QueuePlace)]
struct Since {
    /// How many.
    jobs: u64,
    /// For how long the oldest has been there, or has been due, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_ms: Option<u64>,
}

/// Dead jobs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QueueDead)]
struct Dead {
    /// How many are kept.
    jobs: u64,
    /// For how long the oldest has been dead, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_ms: Option<u64>,
    /// How many will soon be deleted: within 24 hours, or within the last tenth of their retention.
    expiring: u64,
    /// Of the newest 1,000, how many died of each code.
    by_code: Vec<Code>,
}

/// Dead jobs of a code.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QueueCode)]
struct Code {
    #[schema(example = "bvn")]
    kind: String,
    #[schema(example = "http_500")]
    code: String,
    jobs: u64,
}

/// What happened in the last minutes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QueueHappened)]
struct Happened {
    /// How far back, in minutes.
    minutes: u32,
    /// By kind.
    kinds: Vec<OfMinutes>,
}

/// What happened to jobs of a kind.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QueueEvents)]
struct OfMinutes {
    #[schema(example = "bvn")]
    kind: String,
    /// Jobs that were accepted.
    accepted: u64,
    /// Jobs that were completed, by verdict.
    #[schema(example = json!({ "match": 90, "no_match": 3 }))]
    completed: BTreeMap<String, u64>,
    /// Attempts that failed, by the class of the failure.
    #[schema(example = json!({ "transient": 2 }))]
    failed: BTreeMap<String, u64>,
    /// Jobs that died.
    dead: u64,
    /// Jobs that were cancelled.
    cancelled: u64,
    /// Leases that ran out.
    stalled: u64,
    /// Jobs that were held for a decision.
    held: u64,
    /// Calls to the provider.
    calls: u64,
    /// Calls that were saved by reusing an answer.
    saved: u64,
}

impl View {
    pub(super) fn of(
        gauges: Gauges,
        (codes, _): (BTreeMap<(String, String), u64>, usize),
        minutes: u32,
        happened: Totals,
    ) -> Self {
        let Gauges {
            depths,
            mut limiters,
            oldest,
            expiring,
            now_ms,
            ..
        } = gauges;
        let account = limiters
            .iter()
            .position(|limiter| limiter.scope == ACCOUNT)
            .map(|nth| limiters.remove(nth));
        let of_kind = |limiter: LimiterView| OfKind {
            oldest_ms: oldest.ready.get(&limiter.scope).copied().map(ms),
            kind: limiter.scope,
            waiting: limiter.waiting,
            closed: limiter.closed.map(ClosedView::of),
            running: limiter.in_flight,
            done_by: limiter.done_by,
        };
        let since = |jobs, oldest: Option<Duration>| Since {
            jobs,
            oldest_ms: oldest.map(ms),
        };
        Self {
            at: Timestamp::from_millisecond(now_ms).unwrap_or_default(),
            kinds: limiters.into_iter().map(of_kind).collect(),
            account: Account {
                waiting: depths.ready.values().sum(),
                done_by: account.as_ref().and_then(|account| account.done_by),
                closed: account
                    .and_then(|account| account.closed)
                    .map(ClosedView::of),
            },
            coalesced: depths.coalesced,
            scheduled: since(depths.scheduled, oldest.scheduled),
            needs_decision: since(depths.needs_decision, oldest.needs_decision),
            inbox: since(depths.inbox, oldest.inbox),
            running: depths.running,
            completed: depths.completed,
            cancelled: depths.cancelled,
            dead: Dead {
                jobs: depths.dead,
                oldest_ms: oldest.dead.map(ms),
                expiring: expiring.jobs,
                by_code: codes
                    .into_iter()
                    .map(|((kind, code), jobs)| Code { kind, code, jobs })
                    .collect(),
            },
            rejected: depths.rejected,
            workers: depths.workers,
            happened: Happened {
                minutes,
                kinds: happened.0.into_iter().map(OfMinutes::of).collect(),
            },
        }
    }
}

impl OfMinutes {
    fn of((kind, sum): (String, Sum)) -> Self {
        Self {
            kind,
            accepted: sum.accepted,
            completed: sum.completed,
            failed: sum.failed,
            dead: sum.dead,
            cancelled: sum.cancelled,
            stalled: sum.stalled,
            held: sum.held,
            calls: sum.calls,
            saved: sum.saved,
        }
    }
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
