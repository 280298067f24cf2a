//! The request as it is sealed: bound to the header that the job was accepted with.

use kyc_vault::{DataKey, OpenError, sha256};
use zeroize::Zeroizing;

const PART: &str = "request";
const MEDIA_TYPE: &str = "application/octet-stream";
/// Bytes of the header's SHA-256, which precedes the request.
const DIGEST: usize = 32;

/// Why a job was not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenJobError {
    /// Its key record or its request does not open.
    #[error(transparent)]
    Sealed(#[from] OpenError),
    /// Its key record is gone: it was erased.
    #[error("the key record is gone: what was sealed was erased")]
    RecordMissing,
    /// Its header is not the one that it was accepted with.
    #[error("the job's header was changed since it was accepted: nothing that it says is believed")]
    HeaderChanged,
}

/// Seals a request, bound to the header of its job.
pub(crate) fn seal(key: &DataKey, header: &str, request: &[u8]) -> Vec<u8> {
    let digest = sha256(header.as_bytes());
    let plaintext = Zeroizing::new([&digest[..], request].concat());
    key.seal(PART, MEDIA_TYPE, &plaintext)
}

/// Opens a request, if the header that Redis holds is the one that the job was accepted with.
pub(crate) fn open(
    key: &DataKey,
    header: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, OpenJobError> {
    let mut bytes = key.open(PART, sealed)?.bytes;
    let digest = bytes.first_chunk::<DIGEST>().ok_or(OpenError::Tampered)?;
    if *digest != sha256(&as_accepted(header)) {
        return Err(OpenJobError::HeaderChanged);
    }
    bytes.drain(..DIGEST);
    Ok(bytes)
}

/// The header without the time of acceptance, which the script wrote into it.
fn as_accepted(header: &[u8]) -> Vec<u8> {
    let rest = header.strip_prefix(br#"{"enqueued":"#).and_then(|rest| {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        rest.get(digits..)?.strip_prefix(b",")
    });
    match rest {
        Some(rest) => [b"{", rest].concat(),
        None => header.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use kyc_vault::{Keyring, Owner, Vault};

    use super::*;

    #[test]
    fn a_header_is_the_one_it_was_sealed_with_but_for_its_time() {
        let text = Keyring::generate("k1").expect("a name");
        let vault = Vault::new(Keyring::parse(&text).expect("a key"));
        let key = vault
            .data_key(Owner::of_installation("test"))
            .expect("a key");
        let sealed = seal(&key, r#"{"kind":"bvn","tenant":"acme"}"#, b"{}");
        let open = |header: &str| open(&key, header.as_bytes(), &sealed);
        let good = r#"{"enqueued":1700000000000,"kind":"bvn","tenant":"acme"}"#;
        assert_eq!(open(good).as_deref(), Ok(&b"{}".to_vec()));
        for bad in [
            r#"{"enqueued":1700000000000,"kind":"bvn","tenant":"evil"}"#,
            r#"{"enqueued":1,"enqueued":2,"kind":"bvn","tenant":"acme"}"#,
            r#"{"enqueued":-1,"kind":"bvn","tenant":"acme"}"#,
            r#"{"enqueued":1,"kind":"bvn","tenant":"acme" }"#,
            r#"{"enqueued":1}"#,
            "",
        ] {
            assert_eq!(open(bad), Err(OpenJobError::HeaderChanged), "{bad}");
        }
    }
}
