//! Sealed parts and the text of keys: only sealed parts open, and no error repeats text that may be a key.

use std::sync::OnceLock;

use kyc_vault::{DataKey, Keyring, Owner, Vault};

const ID: &str = "01j0";
const PART: &str = "outcome";
/// A key that protects nothing.
const KEY: &str = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// The longest name of a key, which is also the longest text that an error may repeat.
const NAME: usize = 32;

/// Takes the bytes as a plaintext, as a sealed part, as a key record, as the rest of either, and as the text of keys.
pub fn envelope(bytes: &[u8]) {
    check_plaintext(bytes);
    check_forged(bytes);
    if let Some((first, rest)) = bytes.split_first() {
        let key = data_key(ID);
        let sealed = key.seal(PART, "text/plain", rest);
        for sealed in [&sealed[..], key.record()] {
            let kept = usize::from(*first).min(sealed.len());
            let forged = [&sealed[..kept], rest].concat();
            if forged != sealed {
                check_forged(&forged);
            }
        }
        check_changed(sealed, bytes, |sealed| key.open(PART, sealed).is_ok());
        check_changed(key.record().to_owned(), bytes, |record| {
            vault().key(owner(ID), record).is_ok()
        });
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        check_keys(text);
    }
}

/// A vault whose key protects nothing.
fn vault() -> &'static Vault {
    static VAULT: OnceLock<Vault> = OnceLock::new();
    VAULT.get_or_init(|| Vault::new(Keyring::parse(KEY).expect("a good key")))
}

/// A new data key of a verification.
pub(crate) fn data_key(verification: &str) -> DataKey {
    let key = vault().data_key(owner(verification));
    key.expect("there is a key to seal with")
}

fn owner(verification: &str) -> Owner<'_> {
    Owner {
        tenant: "acme",
        kind: "bvn",
        verification,
    }
}

fn check_plaintext(bytes: &[u8]) {
    let key = data_key(ID);
    let sealed = key.seal(PART, "text/plain", bytes);
    let opened = key.open(PART, &sealed).expect("it was sealed here");
    assert_eq!(opened.bytes.as_slice(), bytes);
    assert!(data_key(ID).open(PART, &sealed).is_err());
    assert!(key.open("label", &sealed).is_err());
    assert!(vault().key(owner("01j1"), key.record()).is_err());
    let again = vault().key(owner(ID), key.record());
    let again = again.expect("its key is here");
    assert!(again.open(PART, &sealed).is_ok_and(|same| same == opened));
    assert_eq!(vault().rewrap(ID, key.record()), Ok(None));
}

fn check_forged(forged: &[u8]) {
    if let Ok(key) = vault().key(owner(ID), forged) {
        // A record that opens must be one that was made: any other is refused.
        assert!(key.open(PART, forged).is_err(), "a forged part opens");
        panic!("a forged key record opens");
    }
    let opened = data_key(ID).open(PART, forged);
    let error = opened.expect_err("a forged part does not open");
    assert!(!error.to_string().is_empty());
    assert!(vault().open(owner(ID), PART, forged).is_err());
    assert!(vault().open_message("k1", b"", forged).is_err());
}

/// One bit that differs, at a place the bytes say, or one byte less.
fn check_changed(mut sealed: Vec<u8>, bytes: &[u8], opens: impl Fn(&[u8]) -> bool) {
    let sum: usize = bytes.iter().map(|byte| usize::from(*byte)).sum();
    let at = sum % sealed.len();
    sealed[at] ^= 1 << (bytes.len() % 8);
    assert!(!opens(&sealed), "byte {at}");
    sealed[at] ^= 1 << (bytes.len() % 8);
    sealed.truncate(at);
    assert!(!opens(&sealed), "cut at {at}");
}

fn check_keys(text: &str) {
    match Keyring::parse(text) {
        Ok(keys) => assert!(keys.ids().all(|id| id.len() <= NAME)),
        Err(error) => {
            let told = error.to_string();
            let words = told.split(|letter: char| !letter.is_alphanumeric());
            let longest = words.map(str::len).max().unwrap_or_default();
            assert!(longest <= NAME, "{told}");
        }
    }
}
