//! Keeps the pictures of an answer. A picture that cannot be used is a reason in the outcome, never a failure.

use futures::future::try_join_all;
use kyc_blobs::{Kept, Unusable};
use kyc_domain::{Class, Failure, Image, Reason};
use kyc_kinds::Picture;

use crate::{Pipeline, answer::Answer, open::Opened, upstream::Sent};

impl Pipeline {
    /// Keeps every picture; answers those that are kept, and why others are not.
    pub(crate) async fn keep(
        &self,
        opened: &Opened,
        answer: &Answer<'_>,
        sent: &Sent,
    ) -> Result<(Vec<Image>, Vec<Reason>), Failure> {
        let Answer::Found(found) = answer else {
            return Ok((Vec::new(), Vec::new()));
        };
        // The semaphore is never closed; without a permit it would only be slower.
        let _permit = self.keeping.acquire().await.ok();
        let keeping = found
            .pictures
            .iter()
            .map(|picture| self.keep_one(opened, picture));
        let kept = try_join_all(keeping)
            .await
            .map_err(|failure| failure.after(sent.call()))?;
        let (mut images, mut reasons) = (Vec::new(), Vec::new());
        for (name, kept) in kept {
            match kept {
                Kept::Image(image) => images.push(image),
                Kept::Unusable(why) => reasons.push(reason(name, &why)),
            }
        }
        Ok((images, reasons))
    }

    async fn keep_one(
        &self,
        opened: &Opened,
        picture: &Picture<'_>,
    ) -> Result<(&'static str, Kept), Failure> {
        let text = picture.text.as_deref().unwrap_or_default();
        let kept = self
            .blobs()
            .keep(&opened.key, &opened.tenant, &opened.id, picture.name, text)
            .await;
        kept.map(|kept| (picture.name, kept)).map_err(|error| {
            tracing::warn!(verification.id = opened.id, %error, "Could not keep a picture");
            Failure::new(
                Class::Internal,
                "blob_store",
                "The picture could not be stored.",
            )
        })
    }
}

fn reason(name: &str, why: &Unusable) -> Reason {
    Reason {
        code: why.code().to_owned(),
        sentence: format!("The {name} cannot be used: {}", why.sentence()),
        tell_subject: false,
    }
}
