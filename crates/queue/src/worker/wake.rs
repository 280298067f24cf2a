//! Wakes a sleeping worker the moment there is work, without a polling delay, and tells it which limiters were closed.

use std::{sync::Arc, time::Duration};

use crate::{Error, measure, worker::state::Worker};

/// Listens for ever, and comes back by itself when Redis does.
pub(crate) async fn listen(worker: Arc<Worker>) {
    loop {
        if let Err(error) = subscribed(&worker).await {
            measure::trouble("wake");
            tracing::debug!(%error, "Not woken by Redis for now; polling");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn subscribed(worker: &Worker) -> Result<(), Error> {
    let redis = worker.queue.connection();
    let mut messages = redis.listen(&worker.queue.key("wake")).await?;
    // What came while nobody listened.
    worker.wake.notify_one();
    while let Some(message) = messages.next().await {
        worker.sending.closings.record(message.get_payload_bytes());
        worker.wake.notify_one();
    }
    Ok(())
}
