//! Decodes bytes into text: compression that no header names, byte order marks, other encodings.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::{GzDecoder, ZlibDecoder};
use serde::de::IgnoredAny;

use super::report::{Repair, done};

/// Decompresses a body whose compression no header names. Returns `None` if the result exceeds `limit` bytes.
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
            "it was compressed with gzip, which no header named",
            &mut GzDecoder::new(body),
        ),
        [0x78, 0x01 | 0x5E | 0x9C | 0xDA, ..] => unpacked(
            "deflate",
            "it was compressed with deflate, which no header named",
            &mut ZlibDecoder::new(body),
        ),
        // Brotli has no signature: the body counts as compressed only if the result is JSON.
        _ if !body.is_empty() && std::str::from_utf8(body).is_err() => {
            let plain = whole(&mut brotli::Decompressor::new(body, 4096), limit);
            match plain.filter(|plain| serde_json::from_slice::<IgnoredAny>(plain).is_ok()) {
                Some(plain) => {
                    repairs.push(done(
                        "brotli",
                        "it was compressed with brotli, which no header named",
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

/// Decodes UTF-16 with a byte order mark, and UTF-8, in which invalid bytes are taken as Windows-1252.
pub(super) fn decode<'a>(bytes: &'a [u8], repairs: &mut Vec<Repair>) -> Cow<'a, str> {
    if let [0xFF, 0xFE, rest @ ..] | [0xFE, 0xFF, rest @ ..] = bytes {
        repairs.push(done("utf16", "it was encoded in UTF-16", 0));
        return Cow::Owned(utf16(rest, bytes[0] == 0xFE));
    }
    let bytes = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => {
            repairs.push(done(
                "byte_order_mark",
                "it began with a byte order mark",
                0,
            ));
            rest
        }
        bytes => bytes,
    };
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(error) => {
            let what = "it had bytes in Windows-1252";
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

/// Decodes UTF-8; a byte that is not UTF-8 is decoded as Windows-1252.
fn windows_1252(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| letter(*byte)));
    }
    text
}

/// Decodes a byte of Windows-1252, from 0x80 on, as the WHATWG's Encoding standard defines it.
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
