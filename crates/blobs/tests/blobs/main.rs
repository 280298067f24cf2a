//! Tests of the public interface, from the text to the store and back.

mod damaged;
mod leftovers;
mod open;
mod records;
mod repeat;
mod store;
mod text;
mod unusable;

use std::io::Cursor;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use image::{ImageFormat, Rgb, RgbImage};
use kyc_blobs::{Blobs, Config, Image, Kept, StoreError};
use kyc_vault::{DataKey, Keyring, Owner, Vault};

const TENANT: &str = "acme";
const ID: &str = "01j0";

/// A store, and the keys that open its images.
struct Fixture {
    blobs: Blobs,
    vault: Vault,
    key: DataKey,
}

impl Fixture {
    fn at(url: &str, config: Config) -> Self {
        let keys = Keyring::generate("k1").expect("a good id");
        let vault = Vault::new(Keyring::parse(&keys).expect("a good key"));
        let key = data_key(&vault, ID);
        let blobs = Blobs::open(url, config).expect("the store opens");
        Self { blobs, vault, key }
    }

    fn in_memory() -> Self {
        Self::at("memory://", Config::default())
    }

    fn in_folder(folder: &tempfile::TempDir) -> Self {
        Self::at(&url_of(folder), Config::default())
    }

    async fn keep(&self, text: &str) -> Result<Kept, StoreError> {
        self.blobs.keep(&self.key, TENANT, ID, "photo", text).await
    }

    async fn kept(&self, text: &str) -> Image {
        match self.keep(text).await.expect("the store works") {
            Kept::Image(image, _) => image,
            Kept::Unusable(why) => panic!("{why:?}"),
        }
    }

    async fn bytes_of(&self, image: &Image) -> Vec<u8> {
        let opened = self
            .blobs
            .open_image(&self.key, &image.name, &image.key)
            .await;
        let opened = opened.expect("the image opens");
        assert_eq!(opened.media_type, image.media_type);
        opened.bytes.to_vec()
    }
}

/// A new data key of a verification.
fn data_key(vault: &Vault, verification: &str) -> DataKey {
    let owner = Owner {
        tenant: TENANT,
        kind: "bvn",
        verification,
    };
    vault.data_key(owner).expect("there is a key to seal with")
}

fn url_of(folder: &tempfile::TempDir) -> String {
    format!("file://{}", folder.path().display())
}

/// Returns an image of noise, which does not compress well. Different seeds give different images.
fn image(format: ImageFormat, width: u32, height: u32, seed: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    let noise = RgbImage::from_fn(width, height, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [_, red, green, blue] = state.to_le_bytes();
        Rgb([red, green, blue])
    });
    let mut bytes = Cursor::new(Vec::new());
    noise
        .write_to(&mut bytes, format)
        .expect("the image encodes");
    bytes.into_inner()
}

fn jpeg(seed: u32) -> Vec<u8> {
    image(ImageFormat::Jpeg, 64, 48, seed)
}

fn base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}
