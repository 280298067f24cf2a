//! Finding a batch that the caller may see. What is not there and what is another tenant's get the same answer.

use kyc_queue::{JobBatch, Role};

use crate::{
    Gateway,
    caller::Caller,
    problem::{Kind, Problem},
};

/// Returns a batch of the caller's tenant. A text that is no id gets the answer of an id that is not there.
pub(super) async fn find(gateway: &Gateway, tenant: &str, id: &str) -> Result<JobBatch, Problem> {
    let id = id.parse().map_err(|_| no_batch())?;
    let batch = gateway.queue().batch(tenant, id).await?;
    batch.ok_or_else(no_batch)
}

fn no_batch() -> Problem {
    Problem::new(
        Kind::NOT_FOUND,
        "there is no batch with this id, or it is not yours",
        "use the id that the server answered with when the file was sent; a batch is kept for 30 days",
    )
}

/// Returns the tenant of a caller who may see batches.
pub(super) fn reader(caller: &Caller) -> Result<&str, Problem> {
    caller.tenant(&[Role::Read, Role::Reveal])
}
