//! Images that a worker stored for a job which it could not complete.

use kyc_domain::VerificationId;

use crate::{
    Error,
    worker::{lease::Ticket, progress::Progress, state::Worker},
};

impl Worker {
    /// Deletes what this worker stored for a job that nobody can complete any more, because it was cancelled or deleted.
    /// The images of any other job may be those of another worker.
    pub(crate) async fn delete_useless_images(&self, ticket: &Ticket) {
        if !self.has_images(&ticket.header.kind) {
            return;
        }
        let id = ticket.id;
        let deleted = match self.is_over(id).await {
            Ok(false) => return,
            Ok(true) => self.images.delete(&ticket.header.tenant, id).await,
            Err(error) => Err(error.to_string()),
        };
        match deleted {
            Ok(()) => {
                tracing::info!(verification.id = %id, "Deleted the images of a job that was cancelled or deleted meanwhile");
            }
            // They are deleted with the cancelled job, or by the daily sweep.
            Err(error) => {
                tracing::warn!(verification.id = %id, error, "Could not delete the images of a job that this worker lost");
            }
        }
    }

    /// Returns whether a job was cancelled or does not exist any more.
    async fn is_over(&self, id: VerificationId) -> Result<bool, Error> {
        let key = self.queue.key(&format!("job:{id}"));
        let (exists, progress): (bool, Option<Vec<u8>>) = redis::pipe()
            .exists(&key)
            .hget(&key, "progress")
            .query_async(&mut self.queue.connection())
            .await?;
        let progress = Progress::read(&progress.unwrap_or_default());
        let state = progress.and_then(|progress| progress.state);
        Ok(!exists || state.as_deref() == Some("cancelled"))
    }
}
