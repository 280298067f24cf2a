//! Frames of HTTP/2, made by hand, so that they need not be right.

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const PING: u8 = 6;
pub(super) const CONTINUATION: u8 = 9;

pub(super) const END_STREAM: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;

/// An acknowledged ping, which needs no answer.
pub(super) const PING_ANSWER: [u8; 17] = [0, 0, 8, PING, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// The code of the setting with the window of each stream.
const INITIAL_WINDOW_SIZE: u8 = 4;

/// Returns a frame.
pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// Returns what a client begins with.
pub(super) fn opening() -> Vec<u8> {
    [PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()
}

/// Like [`opening`], with so large a window for each answer.
pub(super) fn opening_with_window(window: u32) -> Vec<u8> {
    let mut setting = vec![0, INITIAL_WINDOW_SIZE];
    setting.extend(window.to_be_bytes());
    [PREFACE, &frame(SETTINGS, 0, 0, &setting)].concat()
}

/// Returns a request without a body.
pub(super) fn get(path: &str, stream: u32) -> Vec<u8> {
    frame(
        HEADERS,
        END_STREAM | END_HEADERS,
        stream,
        &fields("GET", path, &[]),
    )
}

/// Returns the header fields of a request, as HPACK without compression.
pub(super) fn fields(method: &str, path: &str, others: &[(&str, &str)]) -> Vec<u8> {
    let own = [
        (":method", method),
        (":scheme", "http"),
        (":path", path),
        (":authority", "localhost"),
    ];
    own.iter()
        .chain(others)
        .flat_map(|(name, value)| [&[0], &*text(name), &*text(value)].concat())
        .collect()
}

/// Returns a text of HPACK: its length, and its bytes.
fn text(text: &str) -> Vec<u8> {
    let mut length = text.len();
    let mut bytes = Vec::new();
    if length < 127 {
        bytes.push(u8::try_from(length).unwrap());
    } else {
        bytes.push(127);
        length -= 127;
        while length >= 128 {
            bytes.push(u8::try_from(length % 128).unwrap() | 128);
            length /= 128;
        }
        bytes.push(u8::try_from(length).unwrap());
    }
    bytes.extend(text.as_bytes());
    bytes
}
