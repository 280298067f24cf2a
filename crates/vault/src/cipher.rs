//! Hides the cryptographic library: AES-256-GCM with its expanded key, and random bytes.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::{digest, rand};
use zeroize::Zeroizing;

/// Bytes of a key.
pub(crate) const KEY: usize = 32;
/// Bytes of a nonce.
pub(crate) const NONCE: usize = 12;
/// Bytes of an authentication tag.
pub(crate) const TAG: usize = 16;

/// One AES-256-GCM key with its schedule computed. The library wipes the schedule when it is freed.
pub(crate) struct Cipher(LessSafeKey);

impl Cipher {
    pub(crate) fn new(key: &[u8; KEY]) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, key).expect("a 32-byte key fits AES-256");
        Self(LessSafeKey::new(key))
    }

    /// Encrypts in place under a fresh random nonce and returns the nonce and the tag.
    pub(crate) fn seal(&self, aad: &[u8], in_out: &mut [u8]) -> ([u8; NONCE], [u8; TAG]) {
        let nonce = random_bytes::<NONCE>();
        let tag = self
            .0
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), in_out)
            .expect("AES-GCM only refuses contents of 64 GiB and more");
        let tag = tag.as_ref().try_into().expect("a GCM tag has 16 bytes");
        (nonce, tag)
    }

    /// Decrypts into a buffer of its own; `None` when anything does not belong together.
    pub(crate) fn open(
        &self,
        nonce: [u8; NONCE],
        aad: &[u8],
        ciphertext: &[u8],
        tag: &[u8; TAG],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let mut plaintext = Zeroizing::new(vec![0; ciphertext.len()]);
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.0
            .open_separate_gather(nonce, Aad::from(aad), ciphertext, tag, &mut plaintext)
            .ok()?;
        Some(plaintext)
    }
}

/// SHA-256. It hides nothing: whoever has a short text can try it.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = digest::digest(&digest::SHA256, bytes);
    digest.as_ref().try_into().expect("SHA-256 has 32 bytes")
}

pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("nothing can be sealed without the system's random source");
    bytes
}
