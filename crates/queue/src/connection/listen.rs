//! Subscriptions to channels on the node that serves the queue.

use futures::StreamExt;
use redis::{Client, Msg, RedisError, RedisResult, aio::PubSubStream};
use tokio::{sync::watch, time::timeout};

use crate::Error;

use super::{Connection, node, trouble::Trouble};

/// A subscription to a channel.
pub(crate) struct Listening {
    messages: PubSubStream,
    newest: watch::Receiver<u64>,
}

impl Connection {
    /// Subscribes to a channel over a separate connection.
    pub(crate) async fn listen(&self, channel: &str) -> Result<Listening, Error> {
        let mut newest = self.inner.newest.subscribe();
        newest.mark_unchanged();
        let (nth, found) = self.current().await?;
        let subscribed = async {
            let mut listening = Client::open(found.at.clone())?.get_async_pubsub().await?;
            listening.subscribe(channel).await?;
            Ok(listening.into_on_message())
        };
        let subscribed: RedisResult<_> = timeout(node::PATIENCE, subscribed)
            .await
            .unwrap_or_else(|_| Err(too_slow()));
        if let Some(elsewhere) = subscribed.as_ref().err().and_then(Trouble::elsewhere) {
            self.look_elsewhere(nth, elsewhere.hint);
        }
        Ok(Listening {
            messages: subscribed?,
            newest,
        })
    }
}

impl Listening {
    /// Returns the next message, or `None` if the subscription has ended: the connection broke, or
    /// the queue moved.
    pub(crate) async fn next(&mut self) -> Option<Msg> {
        tokio::select! {
            message = self.messages.next() => message,
            _ = self.newest.changed() => None,
        }
    }
}

fn too_slow() -> RedisError {
    std::io::Error::from(std::io::ErrorKind::TimedOut).into()
}
