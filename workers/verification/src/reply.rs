//! The answers of the provider that end a verification.

use kyc_kinds::Found;

/// An answer that ends the verification.
pub(crate) enum Answer<'a> {
    /// A record.
    Found(Box<Found<'a>>),
    /// The provider has no record.
    NotFound {
        /// The provider's sentence, with numbers masked.
        message: Option<String>,
    },
    /// The provider reports that the input is wrong.
    Rejected {
        /// The provider's sentence, with numbers masked.
        message: Option<String>,
    },
}
