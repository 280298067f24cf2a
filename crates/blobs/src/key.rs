//! Builds and checks the keys of blobs: three path-safe names, and a second key for different content.

use object_store::path::Path;

use crate::StoreError;

const LONGEST: usize = 128;
/// The hexadecimal digits of the hash in a second key.
const DIGITS: usize = 12;

/// The parts of the key of an image.
pub(crate) struct Key<'a> {
    tenant: &'a str,
    verification: &'a str,
    pub(crate) name: &'a str,
}

impl<'a> Key<'a> {
    pub(crate) fn new(
        tenant: &'a str,
        verification: &'a str,
        name: &'a str,
    ) -> Result<Self, StoreError> {
        path_safe("tenant", tenant)?;
        path_safe("verification", verification)?;
        path_safe("name", name)?;
        Ok(Self {
            tenant,
            verification,
            name,
        })
    }

    /// Returns the key, and the second key for the case that the first one has other content.
    pub(crate) fn choices(&self, sha256: &str) -> [String; 2] {
        let Self {
            tenant,
            verification,
            name,
        } = self;
        let digits = &sha256[..DIGITS];
        [
            format!("{tenant}/{verification}/{name}"),
            format!("{tenant}/{verification}/{name}-{digits}"),
        ]
    }
}

/// Checks that [`Key::choices`] can have returned the key, so that a caller cannot reach outside the store.
pub(crate) fn check(key: &str) -> Result<(), StoreError> {
    let mut count = 0;
    for part in key.split('/') {
        path_safe("key", part)?;
        count += 1;
    }
    if count == 3 {
        Ok(())
    } else {
        Err(StoreError::BadKey { what: "key" })
    }
}

/// Returns the path of a key in a store with a prefix.
pub(crate) fn path(prefix: &Path, key: &str) -> Path {
    key.split('/').fold(prefix.clone(), Path::join)
}

fn path_safe(what: &'static str, text: &str) -> Result<(), StoreError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if (1..=LONGEST).contains(&text.len()) && text.bytes().all(allowed) {
        Ok(())
    } else {
        Err(StoreError::BadKey { what })
    }
}
