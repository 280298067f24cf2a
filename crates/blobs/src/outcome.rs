//! The result of storing an image of an answer.

pub use kyc_domain::Image;

/// The result of [`Blobs::keep`](crate::Blobs::keep).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// The image was sealed and stored. It may have a flaw.
    Image(Image, Option<Flaw>),
    /// The text is not an image that can be stored. Nothing was stored.
    Unusable(Unusable),
}

/// A flaw of an image. The image is stored nevertheless, because it was paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The end of the image is missing.
    EndMissing,
    /// The text was truncated within a byte.
    CutOff,
    /// The text had blanks instead of plus signs. These were restored, and the image is complete.
    BlanksPutBack,
    /// The bytes are in no known format.
    Unrecognised,
}

impl Flaw {
    /// Returns the stable code of the reason.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unrecognised => "image_unrecognised",
            _ => "image_damaged",
        }
    }

    /// Returns the reason as a sentence for people.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::EndMissing => "The end of the image is missing.",
            Self::CutOff => "The text of the image was cut off. The received part is stored.",
            Self::BlanksPutBack => {
                "The text of the image had blanks instead of plus signs. These were restored, and the image is complete."
            }
            Self::Unrecognised => {
                "The image is in no known format. Its bytes are stored as they were received."
            }
        }
    }
}

/// Why a text is not an image that can be stored: a reason in the outcome, never a failure of the job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// The text does not decode.
    NotBase64,
    /// The text is empty or consists of white space.
    Empty,
    /// The decoded image would be larger than the limit.
    TooLarge {
        /// The least size of the image in bytes.
        bytes_at_least: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The decoded bytes are text, or too few for an image, and in no known format.
    NotAnImage,
}

impl Unusable {
    /// Returns the stable code of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotBase64 => "image_undecodable",
            Self::Empty => "image_missing",
            Self::TooLarge { .. } => "image_too_large",
            Self::NotAnImage => "image_unrecognised",
        }
    }

    /// Returns the reason as a sentence for people.
    pub fn sentence(&self) -> String {
        match self {
            Self::NotBase64 => "The provider sent an image that is not base64 text.".to_owned(),
            Self::Empty => "The provider sent no image.".to_owned(),
            Self::TooLarge {
                bytes_at_least,
                limit,
            } => format!(
                "The provider sent an image of at least {bytes_at_least} bytes; {limit} are allowed."
            ),
            Self::NotAnImage => "The provider sent an image that is in no known format.".to_owned(),
        }
    }
}
