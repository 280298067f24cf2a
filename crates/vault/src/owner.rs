//! Whose a sealed part is.

/// What a sealed part belongs to. All of it is authenticated with every part, so that a part opens nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner<'a> {
    /// The tenant of the verification.
    pub tenant: &'a str,
    /// Its kind.
    pub kind: &'a str,
    /// Its id.
    pub verification: &'a str,
}

impl<'a> Owner<'a> {
    /// The owner of something that belongs to the installation, and to no tenant's verification.
    pub fn of_installation(name: &'a str) -> Self {
        Self {
            tenant: "",
            kind: "",
            verification: name,
        }
    }

    /// As authenticated data. Each text follows its length, so that no two owners read alike.
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(96);
        for text in [self.tenant, self.kind, self.verification] {
            write(&mut bytes, text);
        }
        bytes
    }
}

/// Appends a text after its length: 4 bytes, big-endian.
pub(crate) fn write(bytes: &mut Vec<u8>, text: &str) {
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(text.as_bytes());
}
