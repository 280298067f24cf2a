//! Wakes a sleeping worker as soon as there is work, without a polling delay, and records which
//! limiters were closed.

use std::{sync::Arc, time::Duration};

use crate::{Error, measure, worker::state::Worker};

/// Listens forever, and reconnects when Redis is available again.
pub(crate) async fn listen(worker: Arc<Worker>) {
    loop {
        if let Err(error) = subscribed(&worker).await {
            measure::trouble("wake");
            tracing::debug!(%error, "Could not subscribe to wake-ups; polling");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn subscribed(worker: &Worker) -> Result<(), Error> {
    let redis = worker.queue.connection();
    let mut messages = redis.listen(&worker.queue.key("wake")).await?;
    // There may be work that was published before the subscription.
    worker.wake.notify_one();
    while let Some(message) = messages.next().await {
        worker.sending.closings.record(message.get_payload_bytes());
        worker.wake.notify_one();
    }
    Ok(())
}
