//! Damaged images, which are stored with their flaw, and complete images in unusual wrappings.

use image::ImageFormat;
use kyc_blobs::{Flaw, Kept};

use crate::{Fixture, base64, image, jpeg};

async fn flaw(text: &str) -> (Vec<u8>, String, Option<Flaw>) {
    let fixture = Fixture::in_memory();
    match fixture.keep(text).await.expect("the store works") {
        Kept::Image(image, flaw) => (fixture.bytes_of(&image).await, image.media_type, flaw),
        Kept::Unusable(why) => panic!("{why:?}"),
    }
}

#[tokio::test]
async fn a_truncated_image_is_stored_with_its_flaw() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png] {
        let whole = image(format, 64, 48, 1);
        for cut in [1, 2, 100, whole.len() / 2] {
            let bytes = &whole[..whole.len() - cut];
            let (kept, _, flaw) = flaw(&base64(bytes)).await;
            assert_eq!(kept, bytes, "as it was received");
            assert_eq!(flaw, Some(Flaw::EndMissing), "{format:?} without {cut}");
        }
        let (_, _, none) = flaw(&base64(&whole)).await;
        assert_eq!(none, None, "{format:?}");
        let padded = [&whole[..], &[0; 7]].concat();
        assert_eq!(
            flaw(&base64(&padded)).await.2,
            None,
            "{format:?} followed by zeros"
        );
    }
    // Truncated within a byte, as by the length of a database column.
    let text = base64(&image(ImageFormat::Png, 64, 48, 1));
    let cut = &text[..text.len() - text.len() % 4 - 7];
    assert_eq!(cut.len() % 4, 1);
    assert_eq!(flaw(cut).await.2, Some(Flaw::CutOff));
}

#[tokio::test]
async fn plus_signs_that_became_blanks_are_restored() {
    let mut restored = 0;
    for seed in 0..7 {
        let bytes = jpeg(seed);
        let text = base64(&bytes);
        assert!(text.contains('+'), "{seed}");
        let (kept, _, flaw) = flaw(&text.replace('+', " ")).await;
        assert_eq!(kept, bytes, "{seed}: as it was sent");
        assert_eq!(flaw, Some(Flaw::BlanksPutBack), "{seed}");
        restored += 1;
    }
    assert_eq!(restored, 7);
    // Blanks between lines of constant length are line breaks.
    let text = base64(&jpeg(1));
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(76)
        .map(|line| std::str::from_utf8(line).unwrap_or_default())
        .collect();
    let (kept, _, flaw) = flaw(&lines.join(" ")).await;
    assert_eq!((kept, flaw), (jpeg(1), None));
}

/// Returns the text in lines of `length` symbols, with the first line shorter by `shorter`.
fn in_lines(text: &str, (shorter, length): (usize, usize), between: &str) -> String {
    let (first, rest) = text.split_at((length - shorter).min(text.len()));
    let rest = rest.as_bytes().chunks(length);
    let rest = rest.map(|line| std::str::from_utf8(line).unwrap_or_default());
    let lines: Vec<&str> = std::iter::once(first).chain(rest).collect();
    lines.join(between)
}

/// Returns a BMP of random pixels. Only the length in its header determines its end.
fn bitmap(width: u32, height: u32) -> Vec<u8> {
    let pixels = width * height * 3;
    let mut bytes = b"BM".to_vec();
    for number in [
        54 + pixels,
        0,
        54,
        40,
        width,
        height,
        0x0018_0001,
        0,
        pixels,
        0,
        0,
        0,
        0,
    ] {
        bytes.extend(number.to_le_bytes());
    }
    let mut state = 7_u32;
    bytes.extend((0..pixels).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_le_bytes()[3]
    }));
    bytes
}

#[tokio::test]
async fn blanks_of_line_breaks_are_not_plus_signs() {
    let images = [
        image(ImageFormat::Jpeg, 120, 90, 1),
        image(ImageFormat::Png, 120, 90, 1),
        bitmap(60, 40),
    ];
    for (format, bytes) in images.into_iter().enumerate() {
        let text = base64(&bytes);
        for (shorter, length) in [(0, 76), (23, 76), (23, 64), (23, 1024)] {
            for between in [" ", "  ", " \n", "\n    ", "\r\n ", "\t "] {
                let (kept, _, flaw) = flaw(&in_lines(&text, (shorter, length), between)).await;
                assert_eq!(kept, bytes, "{format} {shorter} {length} {between:?}");
                assert_eq!(flaw, None, "{format} {shorter} {length} {between:?}");
            }
        }
    }
}

#[tokio::test]
async fn wrappings_of_a_text_are_removed() {
    let bytes = jpeg(1);
    let text = base64(&bytes);
    let coded = text
        .replace('+', "%2B")
        .replace('/', "%2f")
        .replace('=', "%3D");
    for wrapped in [
        format!("data:image/png;base64,data:image/png;base64,{text}"),
        format!("b'{text}'"),
        format!("b\"{text}\""),
        format!("\"{text}\""),
        format!("\\\"{text}\\\""),
        format!("'data:image/jpeg;base64,{text}'"),
        format!("data:;base64,{text}"),
        coded.clone(),
        format!("data:image/jpeg;base64,{coded}"),
    ] {
        let (kept, media_type, flaw) = flaw(&wrapped).await;
        assert_eq!(
            (kept, &*media_type, flaw),
            (bytes.clone(), "image/jpeg", None),
            "{wrapped:.40}"
        );
    }
}

#[tokio::test]
async fn a_raw_codestream_of_jpeg_2000_has_its_size() {
    let mut bytes = vec![0xFF, 0x4F, 0xFF, 0x51, 0x00, 0x2F, 0x00, 0x00];
    for number in [240u32, 320, 0, 0, 240, 320, 0, 0] {
        bytes.extend(number.to_be_bytes());
    }
    bytes.extend([0xFF, 0x93, 1, 2, 3, 0xFF, 0xD9]);
    let fixture = Fixture::in_memory();
    let image = fixture.kept(&base64(&bytes)).await;
    assert_eq!(
        (&*image.media_type, image.width, image.height),
        ("image/j2c", 240, 320)
    );
}

#[tokio::test]
async fn bytes_of_no_known_format_are_stored() {
    let bytes: Vec<u8> = (0..200u8).collect();
    let (kept, media_type, flaw) = flaw(&base64(&bytes)).await;
    assert_eq!(
        (kept, &*media_type, flaw),
        (bytes, "application/octet-stream", Some(Flaw::Unrecognised))
    );
}
