//! Sealed parts and the text of keys: only sealed parts open, and no error repeats text that may be a key.

use std::sync::OnceLock;

use kyc_vault::{Keyring, Vault};

const ID: &str = "01j0";
const PART: &str = "outcome";
/// A key that protects nothing.
const KEY: &str = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// The longest name of a key, which is also the longest text that an error may repeat.
const NAME: usize = 32;

/// Uses the bytes as a plaintext, as a sealed part, as the rest of one, and as the text of keys.
pub fn envelope(bytes: &[u8]) {
    check_plaintext(bytes);
    check_forged(bytes);
    if let Some((first, rest)) = bytes.split_first() {
        let sealed = vault().data_key(ID).seal(PART, "text/plain", rest);
        let kept = usize::from(*first).min(sealed.len());
        let forged = [&sealed[..kept], rest].concat();
        if forged != sealed {
            check_forged(&forged);
        }
        check_changed(sealed, bytes);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        check_keys(text);
    }
}

/// Returns a vault whose key protects nothing.
pub(crate) fn vault() -> &'static Vault {
    static VAULT: OnceLock<Vault> = OnceLock::new();
    VAULT.get_or_init(|| Vault::new(Keyring::parse(KEY).expect("a good key")))
}

fn check_plaintext(bytes: &[u8]) {
    let sealed = vault().data_key(ID).seal(PART, "text/plain", bytes);
    let opened = vault()
        .open(ID, PART, &sealed)
        .expect("the part was sealed by this vault");
    assert_eq!(opened.bytes.as_slice(), bytes);
    assert!(vault().is_current(&sealed));
    assert!(vault().open("01j1", PART, &sealed).is_err());
    assert!(vault().open(ID, "label", &sealed).is_err());
    let again = vault().unwrap(ID, &sealed).expect("the vault has the key");
    assert!(again.open(PART, &sealed).is_ok_and(|same| same == opened));
}

fn check_forged(forged: &[u8]) {
    if let Ok(key) = vault().unwrap(ID, forged) {
        assert!(key.open(PART, forged).is_err(), "a forged part opens");
    }
    let _ = vault().is_current(forged);
    let opened = vault().open(ID, PART, forged);
    let error = opened.expect_err("a forged part does not open");
    assert!(!error.to_string().is_empty());
}

/// Asserts that a part does not open with one bit changed, at a place that the bytes choose, or with one byte removed.
fn check_changed(mut sealed: Vec<u8>, bytes: &[u8]) {
    let sum: usize = bytes.iter().map(|byte| usize::from(*byte)).sum();
    let at = sum % sealed.len();
    sealed[at] ^= 1 << (bytes.len() % 8);
    assert!(vault().open(ID, PART, &sealed).is_err(), "byte {at}");
    sealed[at] ^= 1 << (bytes.len() % 8);
    sealed.truncate(at);
    assert!(vault().open(ID, PART, &sealed).is_err(), "cut at {at}");
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
