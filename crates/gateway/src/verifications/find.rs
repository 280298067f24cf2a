//! Finding a verification that the caller may see. What is not there and what is another tenant's get the same answer.

use std::str::FromStr;

use kyc_domain::VerificationId;
use kyc_queue::{Submitted, Verification};

use super::view::View;
use crate::{Gateway, problem::Problem};

/// A verification that belongs to the caller's tenant.
pub(crate) enum Found {
    /// A worker has accepted it.
    Accepted(Box<Verification>),
    /// It waits in the inbox, or never left it for the queue.
    Submitted(Box<kyc_queue::Submission>),
}

impl Found {
    pub(crate) fn view(self, reveals: bool) -> View {
        match self {
            Self::Accepted(known) => View::of(*known, reveals),
            Self::Submitted(known) => View::of_submission(*known),
        }
    }
}

/// Returns the id in a path. A text that is no id gets the answer of an id that is not there.
pub(crate) fn id(text: &str) -> Result<VerificationId, Problem> {
    VerificationId::from_str(text).map_err(|_| Problem::no_verification())
}

/// Returns a verification of this tenant.
pub(crate) async fn find(
    gateway: &Gateway,
    tenant: &str,
    id: VerificationId,
) -> Result<Found, Problem> {
    let queue = gateway.queue();
    // In this order, since a worker that accepts the job writes it before it deletes the submission. Both are always read, so that
    // the time of the answer says nothing either.
    let submission = queue.submission(id).await?;
    let owner = queue.tenant_of(id).await?;
    if let Some(owner) = owner {
        if owner != tenant {
            return Err(Problem::no_verification());
        }
        let known = queue.look(id).await?;
        let known = known.filter(|known| known.tenant == tenant);
        let known = known.ok_or_else(Problem::no_verification)?;
        return Ok(Found::Accepted(Box::new(known)));
    }
    let submission = submission.filter(|known| known.about.tenant == tenant);
    let submission = submission.ok_or_else(Problem::no_verification)?;
    if let Submitted::Existing(first) = submission.state
        && let Some(known) = queue
            .look(first)
            .await?
            .filter(|known| known.tenant == tenant)
    {
        return Ok(Found::Accepted(Box::new(known)));
    }
    Ok(Found::Submitted(Box::new(submission)))
}
