//! The only way to call the provider: one call for one slot.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use kyc_domain::{Call, Class, Failure};
use kyc_queue::Slot;
use radius_api::{Client, Error, Reply, Request};

use crate::retained::{About, Received};

/// Owns the only client. A call takes a slot by value, so a call without permission does not compile.
pub struct Upstream {
    client: Client,
}

/// A call that was made, and its result.
pub(crate) struct Sent {
    pub(crate) requested_at: Timestamp,
    pub(crate) took: Duration,
    pub(crate) result: Result<Reply, Error>,
}

impl Upstream {
    /// Makes all calls through this client.
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// Waits for the time of the slot, and makes the call.
    pub(crate) async fn send(&self, slot: Slot, request: &Request) -> Result<Sent, Failure> {
        // The slot is used up, whatever the result of the call.
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
    /// Returns the call with its status and duration.
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

    /// Returns the answer, if one came with a success status.
    pub(crate) fn received(&self) -> Result<Received, &Error> {
        let reply = self.result.as_ref()?;
        Ok(Received {
            about: self.about(),
            retry_after: reply.retry_after,
            body: reply.body.clone(),
        })
    }

    /// Returns the data of the call.
    pub(crate) fn about(&self) -> About {
        let call = self.call();
        About {
            http_status: call.http_status,
            requested_at: self.requested_at,
            ms: call.ms,
            sandbox: self.is_made_up(),
        }
    }

    /// Returns whether the answer says that it comes from a sandbox.
    fn is_made_up(&self) -> bool {
        match &self.result {
            Ok(reply) => reply.sandbox,
            Err(Error::Status { sandbox, .. }) => *sandbox,
            Err(_) => false,
        }
    }
}
