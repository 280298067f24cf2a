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
    /// A public key, which opens nothing.
    #[error("key {entry} is a public key, which opens nothing: set it as `public_key`")]
    Public {
        /// Which key.
        entry: usize,
    },
    /// No public key. It may be a private one, so it is not repeated.
    #[error("it is no public key: write `public:id:base64`, as `kyc keys public` does")]
    NotPublic,
    /// No key for results. It may be a private one, so it is not repeated.
    #[error("it is no key for results: write `id:base64`, as `kyc keys results` prints it")]
    NotForResults,
}

/// There is no key to seal with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no key to seal with: set `public_key`, or `keys`")]
pub struct SealError;

/// Why something sealed was not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The bytes do not start like a key record or a sealed part.
    #[error("these bytes are not sealed: they begin neither with `KYCP` nor with `KYCK`")]
    NotSealed,
    /// The bytes are of another version of the format.
    #[error("sealed in version {version} of the format, which this version does not read")]
    OtherVersion {
        /// The version that the bytes name.
        version: u8,
    },
    /// The bytes end too early.
    #[error("the sealed bytes are cut off: restore them from a copy")]
    Truncated,
    /// This process has no keys to open with.
    #[error("this needs a key that opens: set `keys`")]
    NoKeys,
    /// The key record names a key that the keyring lacks.
    #[error("sealed with key `{id}`, which is not among the keys: add it behind the active one")]
    UnknownKey {
        /// The missing key's id.
        id: String,
        /// What tells it from others of that id.
        check: String,
    },
    /// The keyring has another key under the id that the key record names.
    #[error(
        "sealed with another key of the name `{id}` than the one here: each key needs a name of its own"
    )]
    OtherKey {
        /// The key's id.
        id: String,
        /// What tells the missing key from the one here.
        check: String,
    },
    /// The data key does not open.
    #[error(
        "the data key does not open with key `{key}`: the key record was changed, or belongs to another verification"
    )]
    WrongKey {
        /// The id of the key that was tried.
        key: String,
    },
    /// The content does not open.
    #[error(
        "the sealed part was changed, or belongs to another tenant, kind, verification or part"
    )]
    Tampered,
}

impl OpenError {
    /// The key that another process may have, where that is the trouble: its id, followed by what tells it from others of
    /// that id, as in a key record.
    pub fn missing_key(&self) -> Option<String> {
        match self {
            Self::UnknownKey { id, check } | Self::OtherKey { id, check } => {
                Some(format!("{id}{check}"))
            }
            _ => None,
        }
    }
}
