//! Checks whether an image is complete, as far as this is possible without decoding pixels.

use memchr::memmem;

/// Returns whether the bytes have the end that their format requires. Formats without an end are considered complete.
pub(crate) fn is_whole(media_type: &str, bytes: &[u8]) -> bool {
    match media_type {
        // The end of the image after the start of the last scan. The data of a scan cannot contain it.
        "image/jpeg" => has_behind(bytes, &[0xFF, 0xDA], &[0xFF, 0xD9]),
        // After the start of the data of the last tile.
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
    // True for most images. The search from the end below costs more than hashing the image.
    if bytes.ends_with(end) {
        return true;
    }
    let from = memmem::rfind(bytes, start).unwrap_or_default();
    memmem::find(&bytes[from..], end).is_some()
}

/// Follows the chunks to the last one and returns whether it is complete.
fn png_ends(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(8..).unwrap_or_default();
    while let Some((length, behind)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        if behind.starts_with(b"IEND") {
            return behind.len() >= 8;
        }
        // The name (4 bytes), the content, the checksum (4 bytes).
        match behind.get(length.saturating_add(8)..) {
            Some(next) => rest = next,
            None => return false,
        }
    }
    false
}

/// Returns a length of four bytes in little-endian order.
fn length_at(bytes: &[u8], at: usize) -> Option<usize> {
    let length = bytes.get(at..)?.first_chunk::<4>()?;
    usize::try_from(u32::from_le_bytes(*length)).ok()
}
