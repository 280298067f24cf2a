//! What became of one image of an answer.

pub use kyc_domain::Image;

/// What [`Blobs::keep`](crate::Blobs::keep) made of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// An image, sealed and stored; with what is wrong with it, where something is.
    Image(Image, Option<Flaw>),
    /// No image that could be kept; nothing was stored.
    Unusable(Unusable),
}

/// What is wrong with an image that is kept all the same: it was paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Its end is missing.
    EndMissing,
    /// The text was cut off within a byte.
    CutOff,
    /// Blanks stood where a `+` belongs; they were put back, and the image is whole.
    BlanksPutBack,
    /// Its bytes are in no format that is known.
    Unrecognised,
}

impl Flaw {
    /// The stable code of the reason.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unrecognised => "image_unrecognised",
            _ => "image_damaged",
        }
    }

    /// The reason as a sentence for people.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::EndMissing => "Its end is missing.",
            Self::CutOff => "Its text was cut off; what came is kept.",
            Self::BlanksPutBack => {
                "Its text had blanks for plus signs; with these put back it is whole."
            }
            Self::Unrecognised => {
                "Its bytes are in no format that is known here; they are kept as they came."
            }
        }
    }
}

/// Why a text is no image that can be kept: a reason in the outcome, never a failure of the job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// The text does not decode.
    NotBase64,
    /// There is no text, or only white space.
    Empty,
    /// The decoded image would be larger than the limit.
    TooLarge {
        /// Bytes that the image has at least.
        bytes_at_least: usize,
        /// Bytes that are allowed.
        limit: usize,
    },
    /// The text decodes to something that is no image of a known format, or an image without a size.
    NotAnImage,
}

impl Unusable {
    /// The stable code of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotBase64 => "image_undecodable",
            Self::Empty => "image_missing",
            Self::TooLarge { .. } => "image_too_large",
            Self::NotAnImage => "image_unrecognised",
        }
    }

    /// The reason as a sentence for people.
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
            Self::NotAnImage => {
                "The provider sent an image in no image format that is known here.".to_owned()
            }
        }
    }
}
