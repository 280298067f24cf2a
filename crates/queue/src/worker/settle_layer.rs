//! Middleware around each job: runs it on its own task, catches its panic, aborts it when its lease
//! is lost, and settles it.

use std::{
    panic::AssertUnwindSafe,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use apalis_core::{error::BoxDynError, task::Task};
use futures::{FutureExt, future::BoxFuture};
use kyc_domain::{Call, Class, Failure, Outcome};
use tokio::task::JoinSet;

use crate::{
    Leased, measure,
    worker::{lease::Ticket, settled::Settled, state::Worker},
};

/// The middleware that apalis puts around the worker's service.
#[derive(Clone)]
pub struct SettleLayer(Arc<Worker>);

impl SettleLayer {
    pub(crate) fn new(worker: Arc<Worker>) -> Self {
        Self(worker)
    }
}

impl<S> tower::Layer<S> for SettleLayer {
    type Service = SettleService<S>;

    fn layer(&self, inner: S) -> SettleService<S> {
        SettleService {
            inner,
            worker: Arc::clone(&self.0),
        }
    }
}

/// A service that settles the job of every call.
#[derive(Clone)]
pub struct SettleService<S> {
    inner: S,
    worker: Arc<Worker>,
}

impl<S> tower::Service<Task<Leased>> for SettleService<S>
where
    S: tower::Service<Task<Leased>, Response = Outcome>,
    S::Future: Send + 'static,
    S::Error: Into<BoxDynError> + Send,
{
    type Response = ();
    type Error = BoxDynError;
    type Future = BoxFuture<'static, Result<(), BoxDynError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxDynError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, task: Task<Leased>) -> Self::Future {
        let worker = Arc::clone(&self.worker);
        let ticket = Arc::clone(&task.args.ticket);
        let cut = worker.in_flight.start(&ticket);
        if (ticket.progress.attempts, ticket.progress.calls) == (0, 0) {
            measure::first_start(&ticket.header.kind, ticket.id);
        }
        let job = AssertUnwindSafe(self.inner.call(task)).catch_unwind();
        // apalis polls all jobs of a worker on one task. On separate tasks they use all cores.
        let mut own = JoinSet::new();
        own.spawn(async move {
            let started = Instant::now();
            let ended = tokio::select! {
                biased;
                () = cut.notified() => None,
                ended = job => Some(ended),
            };
            let mut is_lost = ended.is_none();
            if let Some(ended) = ended {
                let result = match ended {
                    Ok(result) => result.map_err(|error| failure(error.into(), &ticket)),
                    Err(_) => Err(our_fault("panic", &ticket)),
                };
                let settling = worker.settle(&ticket, result, started.elapsed());
                match AssertUnwindSafe(settling).catch_unwind().await {
                    Ok(settled) => is_lost = settled == Settled::Lost,
                    // The lease then expires. Otherwise the heartbeat would renew it forever.
                    Err(_) => {
                        tracing::error!(verification.id = %ticket.id, "Could not settle a job: our code failed");
                    }
                }
            }
            worker.in_flight.end(&ticket);
            if is_lost {
                worker.delete_useless_images(&ticket).await;
            }
        });
        async move {
            match own.join_next().await {
                Some(Err(error)) => Err(error.into()),
                _ => Ok(()),
            }
        }
        .boxed()
    }
}

/// Returns the failure for an error in our own code. It is unknown whether the call had been sent,
/// so it counts as one that may be billed, unless the job makes no call.
fn our_fault(code: &str, ticket: &Ticket) -> Failure {
    Failure::new(Class::Internal, code, "The worker's code failed.").after(Call {
        sent: ticket.makes_call(),
        unanswered: ticket.makes_call(),
        ..Call::default()
    })
}

/// Converts an error of the service. Anything but a [`Failure`] is an error in our own code.
fn failure(error: BoxDynError, ticket: &Ticket) -> Failure {
    match error.downcast::<Failure>() {
        Ok(failure) => *failure,
        // Its text may contain anything, so it is dropped.
        Err(_) => our_fault("internal", ticket),
    }
}
