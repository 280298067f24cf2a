//! What can be wrong with the keys' text or with a sealed part, and the remedy. No error holds key material.

/// Why a keyring's text was refused. Keys are counted from 1, in the order of the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// The text holds no key.
    #[error("it holds no key: make one with `kyc keys generate`")]
    Empty,
    /// An entry has no `:`. It may be a bare key, so it is not repeated.
    #[error("key {entry} has no `:`: write `id:base64`, as `kyc keys generate` does")]
    NoId {
        /// Which key.
        entry: usize,
    },
    /// What stands before the `:` is no id. It may be a key, so it is not repeated.
    #[error("the name of key {entry} is wrong: use 1 to 32 letters, digits, `_` or `-`")]
    BadId {
        /// Which key.
        entry: usize,
    },
    /// What stands behind the `:` is not base64.
    #[error("key `{id}` is not base64: make a new one with `kyc keys generate`")]
    NotBase64 {
        /// The key's id.
        id: String,
    },
    /// The key is not 256 bits long.
    #[error(
        "key `{id}` is {bytes} bytes long and must be 32: make a new one with `kyc keys generate`"
    )]
    WrongLength {
        /// The key's id.
        id: String,
        /// How long the key is.
        bytes: usize,
    },
    /// Two keys share an id, so a sealed part would not say which one opens it.
    #[error("two keys are named `{id}`: give the newer one another id")]
    Duplicate {
        /// The id.
        id: String,
    },
}

/// Why a sealed part was not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The bytes do not start like a sealed part.
    #[error("these bytes were not sealed here: they do not start with `KYC1`")]
    NotSealed,
    /// The bytes end before the part does.
    #[error("the sealed part is cut off: restore it from a copy")]
    Truncated,
    /// The part names a key that the keyring lacks.
    #[error("sealed with key `{id}`, which is not among the keys: add it behind the active one")]
    UnknownKey {
        /// The missing key's id.
        id: String,
    },
    /// The data key does not open: another verification, or another key under the same id.
    #[error(
        "the data key does not open with key `{key}`: the part was changed, belongs to another \
         verification, or another key stands under that id"
    )]
    WrongKey {
        /// The id of the key that was tried.
        key: String,
    },
    /// The content does not open.
    #[error("the sealed part was changed, or is another part than the one asked for")]
    Tampered,
}
