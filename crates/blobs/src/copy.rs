//! Copies images from one verification to another.

use kyc_vault::DataKey;

use crate::key::Key;
use crate::sealed::SealedImage;
use crate::{Blobs, Image, ReadImageError};

impl Blobs {
    /// Copies an image of the verification that `from` belongs to, to the verification that `key` belongs to.
    ///
    /// The copy is sealed with `key`, so it opens only for that verification, and it remains when the original is
    /// deleted. The call is safe to repeat.
    ///
    /// # Errors
    ///
    /// Returns [`ReadImageError`] if the image does not exist, the store fails, or the object is not the described
    /// image.
    pub async fn copy(
        &self,
        from: &DataKey,
        image: &Image,
        key: &DataKey,
        tenant: &str,
    ) -> Result<Image, ReadImageError> {
        let place = Key::new(tenant, key.verification(), &image.name)?;
        let opened = self.open_image(from, &image.name, &image.key).await?;
        let sealed = SealedImage::of_bytes(key, &image.name, &opened.bytes);
        if sealed.sha256 != image.sha256 {
            return Err(ReadImageError::Differs {
                key: image.key.clone(),
            });
        }
        Ok(self.put_once(key, &place, sealed).await?)
    }
}
