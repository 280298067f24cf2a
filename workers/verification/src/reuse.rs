//! Reuses the answer to another verification. The claims of this verification are compared with the record, and the images
//! are copied, so that this verification loses nothing when the other one is discarded.

use std::time::Duration;

use futures::future::try_join_all;
use kyc_blobs::ReadImageError;
use kyc_domain::{CallDetails, Class, Failure, Image, Outcome, Reason, Reused};
use kyc_queue::CachedAnswer;
use kyc_vault::DataKey;

use crate::{
    Pipeline,
    images::{not_stored, patiently},
    open::{Opened, key_missing},
    pipeline::Before,
};

impl Pipeline {
    /// Makes the outcome of a verification from the answer to another one.
    pub(crate) async fn reuse(
        &self,
        opened: &Opened,
        answered: &CachedAnswer,
        before: &Before,
    ) -> Result<Outcome, Failure> {
        let unread = || useless("answer_unreadable", "The answer to reuse cannot be opened.");
        let (key, answer) =
            answered
                .open(self.vault())
                .map_err(|error| match error.missing_key() {
                    Some(_) => key_missing(),
                    None => unread(),
                })?;
        if !self.accepts(answer.call_details.sandbox) {
            let sentence = "The answer to reuse is a sandbox's.";
            return Err(useless("answer_of_sandbox", sentence));
        }
        let assessment = self.assess_anew(opened, &answer).ok_or_else(unread)?;
        let images = self.copy(opened, &key, &answer.images).await?;
        let answered_at =
            answer.call_details.requested_at + Duration::from_millis(answer.call_details.call_ms);
        let mut outcome = assessment.outcome(CallDetails {
            calls: before.calls,
            unanswered_calls: before.unanswered,
            ..answer.call_details
        });
        let of_answer = Reason::is_of_answer;
        outcome
            .reasons
            .extend(answer.reasons.into_iter().filter(of_answer));
        outcome.record = answer.record;
        outcome.provider_data = answer.provider_data;
        outcome.message = answer.message;
        outcome.images = images;
        outcome.reused = Some(Reused {
            verification: answered.verification().to_owned(),
            answered_at,
        });
        Ok(outcome)
    }

    async fn copy(
        &self,
        opened: &Opened,
        from: &DataKey,
        images: &[Image],
    ) -> Result<Vec<Image>, Failure> {
        // As in `keep`, the semaphore is never closed.
        let _permit = self.keeping.acquire().await.ok();
        let copying = images
            .iter()
            .map(|image| self.copy_one(opened, from, image));
        try_join_all(copying).await
    }

    async fn copy_one(
        &self,
        opened: &Opened,
        from: &DataKey,
        image: &Image,
    ) -> Result<Image, Failure> {
        let Opened {
            key, tenant, id, ..
        } = opened;
        let copy = || self.blobs().copy(from, image, key, tenant);
        let copied = patiently(id, ReadImageError::is_retryable, copy).await;
        copied.map_err(|error| match error {
            ReadImageError::Store(error) => not_stored(&error),
            _ => useless("image_gone", "An image of the answer to reuse is gone."),
        })
    }
}

/// Returns the failure for an answer that cannot be reused. The answer is not offered again, and the provider is called:
/// nothing has been sent yet.
fn useless(code: &str, sentence: &str) -> Failure {
    Failure::new(Class::Missed, code, sentence)
}
