//! Completions share their way: those that come while a call is under way go together with the next one. Each
//! is still settled by itself, and its worker is told only when Redis has it.

use std::sync::Arc;

use redis::ScriptInvocation;
use tokio::sync::{Mutex, mpsc, oneshot};

use crate::{
    Error, Published,
    enqueue::header::json,
    measure, script,
    worker::{
        lease::Ticket,
        progress::Progress,
        settlement::{Settled, until_applied},
        state::{Worker, millis},
    },
};

/// Completions of one call: bounded, so that no script is long.
const AT_ONCE: usize = 128;
/// So few completions wait for a moment, where so many jobs are under way.
const FEW: usize = 24;
const SOME_MORE: usize = 16;

/// A job's end, ready to be written.
pub(crate) struct Completion {
    pub(crate) ticket: Arc<Ticket>,
    pub(crate) verdict: &'static str,
    pub(crate) reasons: Vec<String>,
    pub(crate) sealed: Vec<u8>,
    /// With this attempt.
    pub(crate) progress: Progress,
    /// There is a record; that there is none may change.
    pub(crate) has_record: bool,
    /// Images were stored.
    pub(crate) has_images: bool,
    /// When the answer came that was kept, where the outcome is by that one, in milliseconds by Redis' clock; else 0.
    pub(crate) retained_since: i64,
}

struct Waiting {
    completion: Completion,
    told: oneshot::Sender<Settled>,
}

impl Waiting {
    fn tell(self, settled: Settled) {
        // Whoever no longer waits was cut off.
        let _ = self.told.send(settled);
    }
}

/// Where completions are handed in.
pub(crate) struct Completions {
    hand_in: mpsc::UnboundedSender<Waiting>,
    /// Held by whoever writes; should that task fail, the next one goes on with what was handed in.
    handed_in: Mutex<mpsc::UnboundedReceiver<Waiting>>,
}

impl Default for Completions {
    fn default() -> Self {
        // Never longer than the worker has jobs at once.
        let (hand_in, handed_in) = mpsc::unbounded_channel();
        Self {
            hand_in,
            handed_in: Mutex::new(handed_in),
        }
    }
}

impl Completions {
    /// Hands a completion in and waits until it is settled.
    pub(crate) async fn settle(&self, completion: Completion) -> Settled {
        let (told, settled) = oneshot::channel();
        // Nobody takes it any more: the worker ends, and its leases go to others.
        let gone = self.hand_in.send(Waiting { completion, told }).is_err();
        if gone {
            Settled::Lost
        } else {
            settled.await.unwrap_or(Settled::Lost)
        }
    }
}

/// Writes what is handed in, until it is aborted.
pub(crate) async fn write(worker: Arc<Worker>) {
    let mut handed_in = worker.completions.handed_in.lock().await;
    let mut batch = Vec::with_capacity(AT_ONCE);
    while handed_in.recv_many(&mut batch, AT_ONCE).await > 0 {
        let few = FEW.min(worker.config.concurrency / 4);
        worker
            .gather(|| batch.len() + handed_in.len() >= few || worker.in_flight.len() < SOME_MORE)
            .await;
        while let Some(more) = (batch.len() < AT_ONCE)
            .then(|| handed_in.try_recv().ok())
            .flatten()
        {
            batch.push(more);
        }
        match complete(&worker, batch.iter().map(|waiting| &waiting.completion)).await {
            Ok(settled) => {
                for (waiting, settled) in batch.drain(..).zip(settled) {
                    waiting.tell(settled);
                }
            }
            // One of them may be at fault: from here each goes its own way, and holds up no other.
            Err(error) => {
                measure::trouble("complete");
                tracing::warn!(%error, jobs = batch.len(), "Could not settle jobs; trying again one by one");
                for waiting in batch.drain(..) {
                    tokio::spawn(alone(Arc::clone(&worker), waiting));
                }
            }
        }
    }
}

/// Tries until Redis has decided, or nobody waits any more.
async fn alone(worker: Arc<Worker>, mut waiting: Waiting) {
    let settled = tokio::select! {
        settled = until_applied(|| complete(&worker, std::iter::once(&waiting.completion))) => settled,
        () = waiting.told.closed() => return,
    };
    waiting.tell(settled.first().copied().unwrap_or(Settled::Lost));
}

async fn complete(
    worker: &Worker,
    batch: impl Iterator<Item = &Completion>,
) -> Result<Vec<Settled>, Error> {
    let config = worker.queue.config();
    let mut grouped: Vec<(usize, &Completion)> = batch.enumerate().collect();
    grouped.sort_by(|(_, one), (_, other)| one.group().cmp(&other.group()));
    let settled: Vec<Settled> = worker
        .queue
        .run(&script::COMPLETE, |call| {
            call.arg(worker.session.name())
                .arg(millis(config.keep_completed))
                .arg(config.keep_results);
            for group in grouped.chunk_by(|(_, one), (_, other)| one.group() == other.group()) {
                let alike = group.first().map(|(_, completion)| completion.group());
                alike
                    .into_iter()
                    .for_each(|alike| alike.write(call, group.len()));
                for (_, completion) in group {
                    completion.write(call);
                }
            }
        })
        .await?;
    // In the order in which they came.
    let mut answers = vec![Settled::Lost; grouped.len()];
    for ((place, _), settled) in grouped.iter().zip(settled) {
        answers[*place] = settled;
    }
    Ok(answers)
}

/// What jobs have in common that are told to the script once. `Ord` is any order.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Group<'a> {
    batch: u64,
    kind: &'a str,
    verdict: &'a str,
    /// Calls of this attempt.
    calls: u32,
    pauses: u32,
    has_record: bool,
    has_images: bool,
}

impl Group<'_> {
    fn write(&self, call: &mut ScriptInvocation<'_>, jobs: usize) {
        call.arg(jobs)
            .arg(self.batch)
            .arg(self.kind)
            .arg(format!("completed {} {}", self.kind, self.verdict))
            .arg(self.calls)
            .arg(self.pauses)
            .arg(u8::from(self.has_record))
            .arg(u8::from(self.has_images));
    }
}

impl Completion {
    fn group(&self) -> Group<'_> {
        let ticket = &*self.ticket;
        Group {
            batch: ticket.batch,
            kind: &ticket.header.kind,
            verdict: self.verdict,
            calls: self.progress.calls.saturating_sub(ticket.progress.calls),
            pauses: ticket.pauses,
            has_record: self.has_record,
            has_images: self.has_images,
        }
    }

    fn write(&self, call: &mut ScriptInvocation<'_>) {
        let Ticket { id, header, .. } = &*self.ticket;
        let result = Published::completed(*id, header, self.verdict, &self.reasons);
        call.arg(id.to_string())
            .arg(json(&result))
            .arg(&self.sealed)
            .arg(json(&self.progress))
            .arg(self.rest());
    }

    /// What few jobs have; empty where there is nothing of it.
    fn rest(&self) -> String {
        let Ticket {
            header, progress, ..
        } = &*self.ticket;
        let (index, coalescing) = (header.idempotency.as_deref(), header.coalescing.as_ref());
        let (has_deadline, has_retained) = (header.deadline.is_some(), progress.answer.is_some());
        if index.is_none() && coalescing.is_none() && !has_deadline && !has_retained {
            return String::new();
        }
        format!(
            "{} {} {} {} {} {}",
            index.unwrap_or("-"),
            u8::from(has_deadline),
            coalescing.map_or("-", |coalescing| &coalescing.index),
            coalescing.map_or(0, |coalescing| coalescing.window),
            u8::from(has_retained),
            self.retained_since.max(0),
        )
    }
}
