//! From bytes to text: compression that no header told of, byte order marks, other alphabets.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::{GzDecoder, ZlibDecoder};
use serde::de::IgnoredAny;

use super::report::{Repair, done};

/// Undoes a compression that no header told of. `None` where that would become more than `limit` bytes.
pub(super) fn unpack<'a>(
    body: &'a [u8],
    limit: usize,
    repairs: &mut Vec<Repair>,
) -> Option<Cow<'a, [u8]>> {
    let mut unpacked = |name, what, reader: &mut dyn Read| {
        repairs.push(done(name, what, 0));
        whole(reader, limit).map(Cow::Owned)
    };
    match body {
        [0x1F, 0x8B, ..] => unpacked(
            "gzip",
            "it was packed by gzip, and no header told so",
            &mut GzDecoder::new(body),
        ),
        [0x78, 0x01 | 0x5E | 0x9C | 0xDA, ..] => unpacked(
            "deflate",
            "it was packed by deflate, and no header told so",
            &mut ZlibDecoder::new(body),
        ),
        // Brotli has no mark of its own: only JSON that comes of it tells.
        _ if !body.is_empty() && std::str::from_utf8(body).is_err() => {
            let plain = whole(&mut brotli::Decompressor::new(body, 4096), limit);
            match plain.filter(|plain| serde_json::from_slice::<IgnoredAny>(plain).is_ok()) {
                Some(plain) => {
                    repairs.push(done(
                        "brotli",
                        "it was packed by brotli, and no header told so",
                        0,
                    ));
                    Some(Cow::Owned(plain))
                }
                None => Some(Cow::Borrowed(body)),
            }
        }
        _ => Some(Cow::Borrowed(body)),
    }
}

fn whole(reader: &mut dyn Read, limit: usize) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    reader.take(most).read_to_end(&mut plain).ok()?;
    (plain.len() <= limit).then_some(plain)
}

/// Text, whatever the bytes are: UTF-16 by its mark, UTF-8, and in it bytes of Windows-1252.
pub(super) fn decode<'a>(bytes: &'a [u8], repairs: &mut Vec<Repair>) -> Cow<'a, str> {
    if let [0xFF, 0xFE, rest @ ..] | [0xFE, 0xFF, rest @ ..] = bytes {
        repairs.push(done("utf16", "it was written in UTF-16", 0));
        return Cow::Owned(utf16(rest, bytes[0] == 0xFE));
    }
    let bytes = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => {
            repairs.push(done(
                "byte_order_mark",
                "a byte order mark stood in front",
                0,
            ));
            rest
        }
        bytes => bytes,
    };
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(error) => {
            let what = "bytes of Windows-1252 stood in it";
            repairs.push(done("windows_1252", what, error.valid_up_to()));
            Cow::Owned(windows_1252(bytes))
        }
    }
}

fn utf16(bytes: &[u8], is_big_endian: bool) -> String {
    let units = bytes.chunks_exact(2).map(|pair| match pair {
        [high, low] if is_big_endian => u16::from_be_bytes([*high, *low]),
        [low, high] => u16::from_le_bytes([*low, *high]),
        _ => 0,
    });
    char::decode_utf16(units)
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// UTF-8 stays; a byte that is none is a letter of Windows-1252.
fn windows_1252(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| letter(*byte)));
    }
    text
}

/// As the WHATWG's Encoding standard has it, for bytes from 0x80 on.
fn letter(byte: u8) -> char {
    const FROM_80: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž',
        '\u{8F}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}',
        'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9F => FROM_80[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}
