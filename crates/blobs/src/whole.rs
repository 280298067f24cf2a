//! Whether an image is there to its end, as far as its bytes tell without decoding a pixel.

use memchr::memmem;

/// Whether the bytes hold the end that their format has. Formats without one count as whole.
pub(crate) fn is_whole(media_type: &str, bytes: &[u8]) -> bool {
    match media_type {
        // The end of the image, behind the beginning of the last scan: in what is scanned it cannot stand.
        "image/jpeg" => has_behind(bytes, &[0xFF, 0xDA], &[0xFF, 0xD9]),
        // Behind the beginning of the last tile.
        "image/jp2" | "image/j2c" => has_behind(bytes, &[0xFF, 0x93], &[0xFF, 0xD9]),
        "image/png" => png_ends(bytes),
        "image/gif" => bytes.iter().rev().find(|byte| **byte != 0) == Some(&0x3B),
        "image/webp" => {
            length_at(bytes, 4).is_none_or(|length| length.saturating_add(8) <= bytes.len())
        }
        "image/bmp" => length_at(bytes, 2).is_none_or(|length| length <= bytes.len()),
        _ => true,
    }
}

fn has_behind(bytes: &[u8], start: &[u8], end: &[u8]) -> bool {
    // Most end with it; to look for the beginning from behind costs more than to hash the image.
    if bytes.ends_with(end) {
        return true;
    }
    let from = memmem::rfind(bytes, start).unwrap_or_default();
    memmem::find(&bytes[from..], end).is_some()
}

/// Goes from chunk to chunk until the last one.
fn png_ends(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(8..).unwrap_or_default();
    while let Some((length, behind)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        if behind.starts_with(b"IEND") {
            return behind.len() >= 8;
        }
        // The name, the content, the checksum.
        match behind.get(length.saturating_add(8)..) {
            Some(next) => rest = next,
            None => return false,
        }
    }
    false
}

/// A length in four bytes, the lowest first.
fn length_at(bytes: &[u8], at: usize) -> Option<usize> {
    let length = bytes.get(at..)?.first_chunk::<4>()?;
    usize::try_from(u32::from_le_bytes(*length)).ok()
}
