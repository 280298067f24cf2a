//! The images of jobs, which the queue does not store but which must not outlive their jobs.

use futures::future::BoxFuture;
use kyc_domain::VerificationId;

/// Deletes images. The program that has the blob store passes this to [`crate::Backend::new`].
pub trait Images: Send + Sync {
    /// Deletes everything that is stored for the job, whether or not an outcome names it. Succeeds if there is nothing.
    ///
    /// # Errors
    ///
    /// Returns why not, in words without personal data. The caller tries again later.
    fn delete<'a>(
        &'a self,
        tenant: &'a str,
        id: VerificationId,
    ) -> BoxFuture<'a, Result<(), String>>;
}

/// For workers whose jobs store no images.
pub struct NoImages;

impl Images for NoImages {
    fn delete<'a>(&'a self, _: &'a str, _: VerificationId) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async { Ok(()) })
    }
}
