//! Hides how an image's format and size are told from its first bytes, without decoding a pixel.

use infer::image as is;
use memchr::memmem;

/// The longest side that is taken for an image's; formats differ, and what claims more is no photograph.
const LONGEST_SIDE: usize = 65_535;
/// Bytes at the start of a JPEG 2000 file that hold its size, however many boxes come first.
const JP2_HEAD: usize = 4096;

const FORMATS: [(&str, infer::Matcher); 8] = [
    ("image/jpeg", is::is_jpeg),
    ("image/png", is::is_png),
    ("image/gif", is::is_gif),
    ("image/webp", is::is_webp),
    ("image/bmp", is::is_bmp),
    ("image/tiff", is::is_tiff),
    (JP2, is::is_jpeg2000),
    (J2C, is_codestream),
];
const JP2: &str = "image/jp2";
/// What stands in the chips of passports.
const J2C: &str = "image/j2c";

/// An image's format and its size in pixels.
pub(crate) struct Format {
    pub(crate) media_type: &'static str,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Format {
    /// What is in no known format.
    pub(crate) const UNKNOWN: Self = Self {
        media_type: "application/octet-stream",
        width: 0,
        height: 0,
    };

    /// `None` when the bytes are in none of the formats, or their size cannot be read.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        let (media_type, _) = *FORMATS.iter().find(|(_, matches)| matches(bytes))?;
        let (width, height) = match media_type {
            JP2 => jp2_size(bytes)?,
            J2C => codestream_size(bytes)?,
            _ => {
                let size = imagesize::blob_size(bytes).ok()?;
                (side(size.width)?, side(size.height)?)
            }
        };
        Some(Self {
            media_type,
            width,
            height,
        })
    }
}

/// Width and height from the box `ihdr`, which holds the height first; `imagesize` does not know the format.
fn jp2_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let head = &bytes[..bytes.len().min(JP2_HEAD)];
    let at = memmem::find(head, b"ihdr")? + 4;
    let (height, rest) = bytes[at..].split_first_chunk()?;
    let width = rest.first_chunk()?;
    let read = |bytes: &[u8; 4]| side(usize::try_from(u32::from_be_bytes(*bytes)).ok()?);
    Some((read(width)?, read(height)?))
}

/// The raw codestream of JPEG 2000, without a file around it.
fn is_codestream(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xFF, 0x4F, 0xFF, 0x51])
}

/// The marker SIZ: its length, capabilities, the far corner of the image, and its offset.
fn codestream_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize| Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?));
    let reach = |far: usize, offset: usize| number(far)?.checked_sub(number(offset)?);
    let known = |pixels: u32| side(usize::try_from(pixels).ok()?);
    Some((known(reach(8, 16)?)?, known(reach(12, 20)?)?))
}

fn side(pixels: usize) -> Option<u32> {
    if (1..=LONGEST_SIDE).contains(&pixels) {
        u32::try_from(pixels).ok()
    } else {
        None
    }
}
