//! Writes completions. Those that arrive during a call of the script share the next call.

use std::sync::Arc;

use crate::{
    Error,
    index::keys::IndexKeys,
    measure,
    script::{self, arguments},
    units::millis,
    worker::{
        completion::Completion,
        completions::Waiting,
        settled::{Settled, until_applied},
        state::Worker,
    },
};

/// Completions in one call. The bound keeps each script short.
const AT_ONCE: usize = 128;
/// With fewer completions than this the writer waits briefly for more, if at least `SOME_MORE` jobs
/// are under way.
const FEW: usize = 24;
const SOME_MORE: usize = 16;

/// Writes completions until it is aborted.
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
        let completions = batch.iter().map(|waiting| &waiting.completion);
        match complete(&worker, completions, false).await {
            Ok(settled) => {
                for (waiting, settled) in batch.drain(..).zip(settled) {
                    waiting.tell(settled);
                }
            }
            // One of them may cause the error. From here on each is tried separately and delays no
            // other.
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

/// Tries until Redis has decided, or the job no longer waits.
async fn alone(worker: Arc<Worker>, mut waiting: Waiting) {
    let settled = tokio::select! {
        settled = until_applied(true, |is_again| complete(&worker, std::iter::once(&waiting.completion), is_again)) => settled,
        () = waiting.told.closed() => return,
    };
    let settled = settled.map_or(Settled::GivenUp, |settled| {
        settled.first().copied().unwrap_or(Settled::Lost)
    });
    waiting.tell(settled);
}

async fn complete(
    worker: &Worker,
    batch: impl Iterator<Item = &Completion>,
    is_again: bool,
) -> Result<Vec<Settled>, Error> {
    let mut grouped: Vec<(usize, &Completion)> = batch.enumerate().collect();
    grouped.sort_by(|(_, one), (_, other)| one.group().cmp(&other.group()));
    let answers = answered(worker, &grouped, is_again).await?;
    // Restores the order in which they came.
    let mut settled = vec![Settled::Lost; grouped.len()];
    for ((place, _), answer) in grouped.iter().zip(answers) {
        settled[*place] = Settled::read(&answer).ok_or(Error::Answer("to a completion"))?;
    }
    Ok(settled)
}

/// Writes completions in the order of their groups. Returns the answer for each.
async fn answered(
    worker: &Worker,
    grouped: &[(usize, &Completion)],
    is_again: bool,
) -> Result<Vec<String>, Error> {
    let has_numbers = grouped.iter().any(|(_, each)| !each.numbers.is_empty());
    let mut can_index = has_numbers;
    // The second try follows if the queue has other index keys; the third, if that happened again meanwhile.
    for _ in 0..3 {
        let index = worker.queue.index().ok().filter(|_| can_index);
        let answers = call(worker, grouped, index.as_deref(), is_again).await?;
        if answers.first().is_none_or(|answer| answer != "stranger") {
            return Ok(answers);
        }
        match worker.queue.renew_index().await {
            Ok(()) => {}
            Err(error @ Error::Redis(_)) => return Err(error),
            // This worker cannot open the queue's index keys. What was paid for is stored nevertheless.
            Err(error) => {
                tracing::warn!(%error, "Could not index the numbers of records: run `kyc keys rewrap`");
                can_index = false;
            }
        }
    }
    Err(Error::Answer("to a completion"))
}

async fn call(
    worker: &Worker,
    grouped: &[(usize, &Completion)],
    index: Option<&IndexKeys>,
    is_again: bool,
) -> Result<Vec<String>, Error> {
    let config = worker.queue.config();
    worker
        .queue
        .run(&script::COMPLETE, |call| {
            let complete = arguments::Complete {
                session: worker.session.name(),
                retention_ms: millis(config.keep_completed),
                keep_results: config.keep_results,
                is_again: u8::from(is_again),
                state: index.map_or("", IndexKeys::state),
            };
            complete.write(call);
            for group in grouped.chunk_by(|(_, one), (_, other)| one.group() == other.group()) {
                let alike = group.first().map(|(_, completion)| completion.group());
                alike
                    .into_iter()
                    .for_each(|alike| alike.write(call, group.len()));
                for (_, completion) in group {
                    completion.write(worker.queue.vault(), index, call);
                }
            }
        })
        .await
}
