//! The only way to the provider: one call for one slot.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use kyc_domain::{Call, Class, Failure};
use kyc_queue::Slot;
use radius_api::{Client, Error, Reply, Request};

use crate::retained::{About, Received};

/// Owns the only client. A call takes a slot by value, so a call that nobody allowed does not compile.
pub struct Upstream {
    client: Client,
}

/// A call that was made, and what came of it.
pub(crate) struct Sent {
    pub(crate) requested_at: Timestamp,
    pub(crate) took: Duration,
    pub(crate) result: Result<Reply, Error>,
}

impl Upstream {
    /// Calls through this client, and this alone.
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// Makes the call that the slot allows, at its time.
    pub(crate) async fn send(&self, slot: Slot, request: &Request) -> Result<Sent, Failure> {
        // Used up, whatever comes of the call.
        let requested_at = slot
            .spend()
            .await
            .map_err(|missed| Failure::new(Class::Missed, missed.code(), missed.to_string()))?;
        let started = Instant::now();
        let result = self.client.send(request).await;
        Ok(Sent {
            requested_at,
            took: started.elapsed(),
            result,
        })
    }
}

impl Sent {
    /// The call in numbers.
    pub(crate) fn call(&self) -> Call {
        let error = self.result.as_ref().err();
        Call {
            sent: error.is_none_or(|error| error.sent() != radius_api::Sent::NotSent),
            unanswered: error.is_some_and(Error::may_be_billed),
            http_status: match &self.result {
                Ok(reply) => Some(reply.status),
                Err(error) => error.status(),
            },
            ms: u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// The answer, where one came in a success status.
    pub(crate) fn received(&self) -> Result<Received, &Error> {
        let reply = self.result.as_ref()?;
        Ok(Received {
            about: self.about(),
            retry_after: reply.retry_after,
            body: reply.body.clone(),
        })
    }

    /// What is to be known of the call.
    pub(crate) fn about(&self) -> About {
        let call = self.call();
        About {
            http_status: call.http_status,
            requested_at: self.requested_at,
            ms: call.ms,
            sandbox: self.is_made_up(),
        }
    }

    /// The answer says of itself that it is made up.
    fn is_made_up(&self) -> bool {
        match &self.result {
            Ok(reply) => reply.sandbox,
            Err(Error::Status { sandbox, .. }) => *sandbox,
            Err(_) => false,
        }
    }
}
