//! Damaged bodies with only one possible meaning, and bodies that are left as they are.

use std::io::Write as _;

use radius_api::{Answer, Reading, bvn, read, repair};

const LIMIT: usize = 1 << 20;

fn plain() -> Vec<u8> {
    br#"{"status":"success","data":{"type":"response","data":{"profile":{"first_name":"Ada","last_name":"Obi"}}},"message":null}"#.to_vec()
}

/// Returns the plain body with `name` instead of its first name.
fn named(name: &[u8]) -> Vec<u8> {
    let body = plain();
    let at = body.windows(3).position(|bytes| bytes == b"Ada").unwrap();
    [&body[..at], name, &body[at + 3..]].concat()
}

fn around(before: &[u8], after: &[u8]) -> Vec<u8> {
    [before, &plain(), after].concat()
}

fn utf16(is_big_endian: bool) -> Vec<u8> {
    let text = String::from_utf8(plain()).unwrap();
    let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
    units
        .flat_map(|unit: u16| {
            if is_big_endian {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        })
        .collect()
}

fn packed(body: &[u8]) -> [Vec<u8>; 3] {
    let level = flate2::Compression::default();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), level);
    gzip.write_all(body).unwrap();
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), level);
    zlib.write_all(body).unwrap();
    let mut packed = Vec::new();
    brotli::BrotliCompress(
        &mut &*body,
        &mut packed,
        &brotli::enc::BrotliEncoderParams::default(),
    )
    .unwrap();
    [gzip.finish().unwrap(), zlib.finish().unwrap(), packed]
}

#[test]
fn what_can_mean_one_thing_is_read() {
    let [gzip, zlib, brotli] = packed(&plain());
    let in_text = serde_json::to_vec(&String::from_utf8(plain()).unwrap()).unwrap();
    let rows: Vec<(&str, Vec<u8>, &str)> = vec![
        ("byte_order_mark", around(b"\xEF\xBB\xBF", b""), "Ada"),
        ("utf16", utf16(true), "Ada"),
        ("utf16", utf16(false), "Ada"),
        ("windows_1252", named(b"Ad\xE9\x92"), "Adé’"),
        ("gzip", gzip, "Ada"),
        ("deflate", zlib, "Ada"),
        ("brotli", brotli, "Ada"),
        ("text_behind", around(b"", b"<!-- 0.01 s -->"), "Ada"),
        ("text_behind", around(b"", b"\0"), "Ada"),
        (
            "text_before",
            around(
                b"<br />\n<b>Notice</b>: Undefined index: x in {main} on line 3<br />\n",
                b"",
            ),
            "Ada",
        ),
        ("text_before", around(b")]}',\n", b""), "Ada"),
        ("text_before", around(b"callback(", b");"), "Ada"),
        ("json_in_text", in_text, "Ada"),
        ("control_character", named(b"Ada\nObi"), "Ada\nObi"),
        ("control_character", named(b"Ada\tObi"), "Ada\tObi"),
        ("half_surrogate", named(br"Ada\ud83d"), "Ada\u{FFFD}"),
        ("half_surrogate", named(br"\udc00Ada"), "\u{FFFD}Ada"),
        ("escape", named(br"D\'Ada"), "D'Ada"),
        (
            "no_number",
            [br#"{"score":NaN,"#, &plain()[1..]].concat(),
            "Ada",
        ),
        (
            "no_number",
            [br#"{"score":-Infinity,"#, &plain()[1..]].concat(),
            "Ada",
        ),
        (
            "comma",
            around(b"", b"")
                .strip_suffix(b"}")
                .map(|body| [body, b",}"].concat())
                .unwrap(),
            "Ada",
        ),
    ];
    for (name, body, first_name) in rows {
        let shown = String::from_utf8_lossy(&body).into_owned();
        let by = Reading::default();
        assert!(
            read::<bvn::Data>(&body, &by).is_err(),
            "{name}: it is damaged: {shown}"
        );
        let repaired = repair(&body, LIMIT).unwrap_or_else(|| panic!("{name}: {shown}"));
        let names: Vec<&str> = repaired.repairs.iter().map(|repair| repair.name).collect();
        assert!(names.contains(&name), "{names:?}: {shown}");
        let told = format!("{:?}", repaired.repairs) + &repaired.repairs[0].to_string();
        assert!(!told.contains("Ada"), "{told}");
        let Answer::Found(record) = read::<bvn::Data>(&repaired.body, &by).unwrap() else {
            panic!("{name}: {shown}");
        };
        assert_eq!(
            record.data.profile.first_name.as_deref(),
            Some(first_name),
            "{name}"
        );
    }
}

#[test]
fn what_can_mean_more_than_one_thing_is_left() {
    let whole = plain();
    let [gzip, ..] = packed(&vec![b' '; LIMIT + 1]);
    let rows: Vec<Vec<u8>> = vec![
        Vec::new(),
        whole.clone(), // not damaged
        whole[..whole.len() - 1].to_vec(),
        whole[..50].to_vec(),
        [&whole[..], &whole[..]].concat(),
        around(b"", b"[1]"),
        b"<html><script>var x = {\"a\":1}</script></html>".to_vec(),
        b"Service unavailable".to_vec(),
        b"{\"status\":success}".to_vec(),
        b"\"a text\"".to_vec(),
        b"{\"a\":\"\\".to_vec(),
        gzip,
        b"\x1F\x8B".to_vec(),
        b"\x78\x9C".to_vec(),
        b"\xFF\xFE{".to_vec(),
    ];
    for body in rows {
        assert!(repair(&body, LIMIT).is_none(), "{}", body.escape_ascii());
    }
}
