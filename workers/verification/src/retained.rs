//! Retained answers: the answer of the provider and the data of its call, kept with the job. The answer was paid for, so it is
//! kept if this version cannot read it, or if the blob store fails.
//!
//! Hides the form: a line of JSON, then the compressed body, sealed together as one part.

use std::io::{Read as _, Write as _};

use bytes::Bytes;
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use jiff::Timestamp;
use kyc_domain::{Call, Sealed};
use kyc_vault::DataKey;
use radius_api::RetryAfter;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The name of the sealed part.
const PART: &str = "answer";
const MEDIA_TYPE: &str = "application/octet-stream";

/// An answer of the provider, as it was received.
pub(crate) struct Received {
    pub(crate) about: About,
    /// Not retained: the time to wait is over when the answer is read again.
    pub(crate) retry_after: Option<RetryAfter>,
    pub(crate) body: Bytes,
}

/// The data of the call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct About {
    pub(crate) http_status: Option<u16>,
    pub(crate) requested_at: Timestamp,
    /// How long the call took, in milliseconds.
    pub(crate) ms: u64,
    /// Whether the answer says that it comes from a sandbox.
    pub(crate) sandbox: bool,
}

impl Received {
    /// Returns the call, as it was made.
    pub(crate) fn call(&self) -> Call {
        Call {
            sent: true,
            unanswered: false,
            http_status: self.about.http_status,
            ms: self.about.ms,
        }
    }

    /// Seals the answer with the key of its verification.
    pub(crate) fn seal(&self, key: &DataKey) -> Sealed {
        let mut plain = Zeroizing::new(serde_json::to_vec(&self.about).unwrap_or_default());
        plain.push(b'\n');
        // Writing into memory does not fail.
        let mut body = DeflateEncoder::new(&mut *plain, Compression::fast());
        let _ = body.write_all(&self.body).and_then(|()| body.try_finish());
        drop(body);
        Sealed::new(key.seal(PART, MEDIA_TYPE, &plain))
    }

    /// Opens a sealed answer. Returns `None` if it cannot be opened, or if its version cannot be read.
    pub(crate) fn open(key: &DataKey, sealed: &[u8]) -> Option<Self> {
        Self::read(&key.open(PART, sealed).ok()?.bytes)
    }

    fn read(plain: &[u8]) -> Option<Self> {
        let end = plain.iter().position(|byte| *byte == b'\n')?;
        let (about, packed) = plain.split_at(end);
        let mut body = Vec::new();
        let mut unpacked = DeflateDecoder::new(&packed[1..]);
        unpacked.read_to_end(&mut body).ok()?;
        Some(Self {
            about: serde_json::from_slice(about).ok()?,
            retry_after: None,
            body: body.into(),
        })
    }
}

/// Returns the body of a retained answer as the provider sent it. `opened` is the result of
/// [`kyc_queue::Queue::retained_answer`]. The body is personal data. Returns `None` if another version wrote it.
pub fn retained_body(opened: &[u8]) -> Option<Vec<u8>> {
    Received::read(opened).map(|received| received.body.to_vec())
}

#[cfg(test)]
mod tests {
    use kyc_vault::{Keyring, Owner, Vault};

    use super::*;

    #[test]
    fn what_was_kept_comes_back_as_it_came() {
        let vault = Vault::new(Keyring::parse(&Keyring::generate("test").unwrap()).unwrap());
        let key = vault.data_key(Owner::of_installation("id")).unwrap();
        for body in [
            &b""[..],
            b"\n",
            b"{}\n{}",
            &[0xff; 100_000],
            &b"{\"a\":1}".repeat(10_000),
        ] {
            let received = Received {
                about: About {
                    http_status: Some(200),
                    requested_at: Timestamp::UNIX_EPOCH,
                    ms: 7,
                    sandbox: true,
                },
                retry_after: None,
                body: Bytes::copy_from_slice(body),
            };
            let sealed = received.seal(&key);
            let opened = Received::open(&key, sealed.bytes()).unwrap();
            assert_eq!((&opened.about, &*opened.body), (&received.about, body));
            let plain = key.open(PART, sealed.bytes()).unwrap();
            assert_eq!(retained_body(&plain.bytes).unwrap(), body);
            if body.len() > 1000 {
                assert!(sealed.bytes().len() < body.len() / 10, "it is compressed");
            }
        }
        assert!(Received::open(&key, b"no part").is_none());
        assert!(retained_body(b"{}").is_none());
    }
}
