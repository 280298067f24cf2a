//! The settings about blob stores.

use kyc_blobs::Blobs;

use super::{Settings, WrongSetting, layers, parse};

impl Settings {
    /// Opens the blob store, where images are kept.
    pub(crate) fn blobs(&self) -> Result<Blobs, WrongSetting> {
        self.blobs_at("blob_url", &self.0.text("blob_url"))
    }

    /// Opens the blob store at `location`, which the setting `key` names.
    pub(super) fn blobs_at(&self, key: &str, location: &str) -> Result<Blobs, WrongSetting> {
        let allow_plaintext = self.0.parsed("allow_plaintext", parse::truth)?;
        let config = kyc_blobs::Config {
            max_image_bytes: self.0.parsed("max_image_bytes", parse::bytes)?,
            fsync: self.0.parsed("fsync", parse::truth)?,
            allow_plaintext,
        };
        let url = parse::blob_url(location).map_err(|remedy| self.0.wrong(key, &remedy))?;
        let is_local = ["file:", "memory:"]
            .iter()
            .any(|scheme| url.starts_with(scheme));
        let options = if is_local {
            Vec::new()
        } else {
            layers::cloud_options(allow_plaintext)?
        };
        Blobs::open_with(&url, options, config)
            .map_err(|error| self.0.wrong(key, &error.to_string()))
    }
}
