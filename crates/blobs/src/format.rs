//! Recognises the format and the size of an image by its first bytes, without decoding pixels.

use infer::image as is;
use memchr::memmem;

/// The longest side in pixels. Larger values are not those of a photograph.
const LONGEST_SIDE: usize = 65_535;
/// The bytes at the start of a JPEG 2000 file in which its size is searched for.
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
/// The raw codestream of JPEG 2000, which the chips of passports contain.
const J2C: &str = "image/j2c";

/// The format of an image and its size in pixels.
pub(crate) struct Format {
    pub(crate) media_type: &'static str,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Format {
    /// The format of bytes that are not recognised.
    pub(crate) const UNKNOWN: Self = Self {
        media_type: "application/octet-stream",
        width: 0,
        height: 0,
    };

    /// Recognises the format. Returns `None` if it is unknown or the size cannot be read.
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

/// Returns width and height from the box `ihdr`, in which the height is first. `imagesize` does not support the format.
fn jp2_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let head = &bytes[..bytes.len().min(JP2_HEAD)];
    let at = memmem::find(head, b"ihdr")? + 4;
    let (height, rest) = bytes[at..].split_first_chunk()?;
    let width = rest.first_chunk()?;
    let read = |bytes: &[u8; 4]| side(usize::try_from(u32::from_be_bytes(*bytes)).ok()?);
    Some((read(width)?, read(height)?))
}

/// Returns whether the bytes are a raw codestream of JPEG 2000, without the boxes of a file.
fn is_codestream(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xFF, 0x4F, 0xFF, 0x51])
}

/// Returns width and height from the marker SIZ. After the length and the capabilities it contains the far corner of
/// the image and the offset of its near corner.
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
