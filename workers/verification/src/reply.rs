//! What the provider can say that ends a verification.

use kyc_kinds::Found;

/// An answer that ends the verification.
pub(crate) enum Answer<'a> {
    /// A record.
    Found(Box<Found<'a>>),
    /// The provider has none.
    NotFound {
        /// In its own words, with numbers masked.
        message: Option<String>,
    },
    /// The provider calls the input wrong.
    Rejected {
        /// In its own words, with numbers masked.
        message: Option<String>,
    },
}
