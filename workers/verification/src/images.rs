//! Stores the images of an answer. An image that cannot be used is a reason in the outcome, never a failure.

use std::{fmt::Display, time::Duration};

use futures::future::try_join_all;
use kyc_blobs::{Flaw, Kept, StoreError, Unusable};
use kyc_domain::{Class, Failure, Image, Reason, ReasonCode};
use kyc_kinds::Encoded;

use crate::{Pipeline, open::Opened, reply::Answer};

impl Pipeline {
    /// Stores every image. Returns the stored images, and the reasons why others are not stored or are flawed.
    pub(crate) async fn keep(
        &self,
        opened: &Opened,
        answer: &Answer<'_>,
    ) -> Result<(Vec<Image>, Vec<Reason>), Failure> {
        let Answer::Found(found) = answer else {
            return Ok((Vec::new(), Vec::new()));
        };
        // The semaphore is never closed. Even without a permit, storing would be correct.
        let _permit = self.keeping.acquire().await.ok();
        let keeping = found
            .images
            .iter()
            .map(|image| self.keep_one(opened, image));
        let kept = try_join_all(keeping).await?;
        let (mut images, mut reasons) = (Vec::new(), Vec::new());
        for (name, kept) in kept {
            match kept {
                Kept::Image(image, flaw) => {
                    images.push(image);
                    reasons.extend(flaw.map(|flaw| flawed(name, flaw)));
                }
                Kept::Unusable(why) => reasons.push(reason(name, &why)),
            }
        }
        Ok((images, reasons))
    }

    /// Stores one image, and retries while the store fails for a moment. If it fails for longer, the answer is retained and
    /// stored again later.
    async fn keep_one(
        &self,
        opened: &Opened,
        image: &Encoded<'_>,
    ) -> Result<(&'static str, Kept), Failure> {
        let Opened {
            key, tenant, id, ..
        } = opened;
        let text = image.text.as_deref().unwrap_or_default();
        let keep = || self.blobs().keep(key, tenant, id, image.name, text);
        let kept = patiently(id, StoreError::is_retryable, keep).await;
        Ok((image.name, kept.map_err(|error| not_stored(&error))?))
    }
}

/// Runs `work`, and retries it after each of the [`PAUSES`] if the error is retryable.
pub(crate) async fn patiently<T, E: Display, F>(
    id: &str,
    is_retryable: fn(&E) -> bool,
    mut work: impl FnMut() -> F,
) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
{
    let mut pauses = PAUSES.iter();
    loop {
        let error = match work().await {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        tracing::warn!(verification.id = id, %error, "Could not store an image");
        match pauses.next().filter(|_| is_retryable(&error)) {
            Some(pause) => tokio::time::sleep(*pause).await,
            None => return Err(error),
        }
    }
}

/// The pauses before an image is stored again. They are short, because a longer failure loses nothing.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];

pub(crate) fn not_stored(error: &StoreError) -> Failure {
    let sentence = format!("The image could not be stored: {error}.");
    Failure::new(Class::Store, "blob_store", sentence)
}

fn flawed(name: &str, flaw: Flaw) -> Reason {
    let code = match flaw {
        Flaw::Unrecognised => ReasonCode::ImageUnrecognised,
        Flaw::EndMissing | Flaw::CutOff | Flaw::BlanksPutBack => ReasonCode::ImageDamaged,
    };
    Reason::from(code).saying(format!("The {name} is kept. {}", flaw.sentence()))
}

fn reason(name: &str, why: &Unusable) -> Reason {
    let code = match why {
        Unusable::NotBase64 => ReasonCode::ImageUndecodable,
        Unusable::Empty => ReasonCode::ImageMissing,
        Unusable::TooLarge { .. } => ReasonCode::ImageTooLarge,
        Unusable::NotAnImage => ReasonCode::ImageUnrecognised,
    };
    let sentence = format!("The {name} cannot be used: {}", why.sentence());
    Reason::from(code).saying(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_has_one_code_here_and_in_the_store() {
        for flaw in [
            Flaw::EndMissing,
            Flaw::CutOff,
            Flaw::BlanksPutBack,
            Flaw::Unrecognised,
        ] {
            assert_eq!(flawed("photo", flaw).code, flaw.code());
        }
        let too_large = Unusable::TooLarge {
            bytes_at_least: 2,
            limit: 1,
        };
        for why in [
            Unusable::NotBase64,
            Unusable::Empty,
            too_large,
            Unusable::NotAnImage,
        ] {
            let reason = reason("photo", &why);
            assert_eq!(reason.code, why.code());
            assert!(reason.is_of_image() && !reason.tell_subject);
        }
    }
}
