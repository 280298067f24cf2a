//! An image of one verification for another one.

use kyc_vault::DataKey;

use crate::key::Key;
use crate::sealed::SealedImage;
use crate::{Blobs, Image, ReadImageError};

impl Blobs {
    /// Stores an image of the verification that `from` belongs to once more, for the verification that `key` belongs to: sealed
    /// anew, it opens with that one alone, and stays when the first is deleted. Safe to repeat.
    ///
    /// # Errors
    ///
    /// [`ReadImageError`], when it is not there, the store fails, or it is not the image that was kept.
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
