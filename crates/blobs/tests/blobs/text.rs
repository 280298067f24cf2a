//! The forms in which providers send an image.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD};
use image::ImageFormat;

use crate::{Fixture, base64, image, jpeg};

/// Returns the text in lines of 76 symbols, as in mail.
fn in_lines(text: &str, end: &str) -> String {
    let lines = text.as_bytes().chunks(76).map(String::from_utf8_lossy);
    lines.map(|line| format!("{line}{end}")).collect()
}

fn forms(bytes: &[u8]) -> Vec<String> {
    let text = base64(bytes);
    let url_safe = BASE64_URL_SAFE.encode(bytes);
    let (head, tail) = text.split_at(20);
    vec![
        text.clone(),
        BASE64_STANDARD_NO_PAD.encode(bytes),
        url_safe.clone(),
        BASE64_URL_SAFE_NO_PAD.encode(bytes),
        in_lines(&text, "\n"),
        in_lines(&text, "\r\n"),
        in_lines(&url_safe, "\n"),
        format!("  \t{head} \t\r\n{tail}\n\n"),
        format!("data:image/jpeg;base64,{text}"),
        format!("DATA:Image/JPEG;BASE64,{text}"),
        format!("data:image/jpeg;charset=utf-8;base64,{text}"),
        format!("\n data:;base64 , {}", in_lines(&url_safe, "\n")),
        format!("data:image/png;base64,{text}"),
        format!("{}\n=\n=", text.trim_end_matches('=')),
    ]
}

#[tokio::test]
async fn every_form_gives_the_same_image() {
    for seed in 0..3 {
        let bytes = jpeg(seed);
        let fixture = Fixture::in_memory();
        let first = fixture.kept(&base64(&bytes)).await;
        assert_eq!(fixture.bytes_of(&first).await, bytes);
        for form in forms(&bytes) {
            assert_eq!(fixture.kept(&form).await, first, "{}", &form[..40]);
        }
    }
}

#[tokio::test]
async fn says_what_the_image_is() {
    let fixture = Fixture::in_memory();
    let bytes = jpeg(1);
    let image = fixture.kept(&base64(&bytes)).await;
    assert_eq!(
        (image.width, image.height, image.bytes),
        (64, 48, bytes.len())
    );
    assert_eq!(
        (image.media_type.as_str(), image.name.as_str()),
        ("image/jpeg", "photo")
    );
    assert_eq!(image.key, "acme/01j0/photo");
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &bytes);
    assert_eq!(image.sha256, hex::encode(digest));
}

#[tokio::test]
async fn the_content_decides_the_format_not_the_claim() {
    let png = image(ImageFormat::Png, 20, 10, 1);
    let fixture = Fixture::in_memory();
    let image = fixture
        .kept(&format!("data:image/jpeg;base64,{}", base64(&png)))
        .await;
    assert_eq!(
        (image.media_type.as_str(), image.width, image.height),
        ("image/png", 20, 10)
    );
}

#[tokio::test]
async fn reads_the_size_of_jpeg_2000() {
    let boxes: [&[u8]; 5] = [
        b"\0\0\0\x0CjP  \r\n\x87\n",
        b"\0\0\0\x14ftypjp2 \0\0\0\0jp2 ",
        b"\0\0\0\x2Djp2h\0\0\0\x16ihdr",
        b"\0\0\x01\0\0\0\0\x80",
        b"\0\x03\x07\x07\0\0",
    ];
    let image = Fixture::in_memory().kept(&base64(&boxes.concat())).await;
    assert_eq!(
        (image.media_type.as_str(), image.width, image.height),
        ("image/jp2", 128, 256)
    );
}

#[tokio::test]
async fn a_large_image_is_processed_on_a_blocking_thread() {
    let bytes = image(ImageFormat::Png, 700, 500, 1);
    assert!(bytes.len() > 512 * 1024);
    let fixture = Fixture::in_memory();
    let image = fixture.kept(&in_lines(&base64(&bytes), "\n")).await;
    assert_eq!((image.width, image.height), (700, 500));
    assert_eq!(fixture.bytes_of(&image).await, bytes);
}
