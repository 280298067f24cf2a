//! Wakes a sleeping worker the moment there is work: no polling delay.

use std::{sync::Arc, time::Duration};

use futures::StreamExt;

use crate::{backend::Worker, measure};

/// Listens for ever, and comes back by itself when Redis does.
pub(crate) async fn listen(worker: Arc<Worker>) {
    loop {
        if let Err(error) = subscribed(&worker).await {
            let error = crate::Error::from(error);
            measure::trouble("wake");
            tracing::debug!(%error, "Not woken by Redis for now; polling");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn subscribed(worker: &Worker) -> Result<(), redis::RedisError> {
    let mut channel = worker.queue.client().get_async_pubsub().await?;
    channel.subscribe(worker.queue.key("wake")).await?;
    // What came while nobody listened.
    worker.wake.notify_one();
    let mut messages = channel.on_message();
    while messages.next().await.is_some() {
        worker.wake.notify_one();
    }
    Ok(())
}
