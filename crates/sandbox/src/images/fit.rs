//! Image files of a wanted size: the same drawing on a larger or smaller canvas.

use image::{
    ExtendedColorType, ImageEncoder as _,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
};

use super::draw;

/// How far from the wanted size is near enough, as one part in so many.
const TOLERANCE: usize = 50;

/// Canvases tried before the best so far is taken.
const TRIES: usize = 6;

/// How a portrait becomes a file.
pub(super) struct Style {
    grain: u32,
    /// Of a JPEG, up to 100.
    quality: u8,
    /// About what a file has beside its pixels: where the search for a size starts.
    overhead: usize,
    /// About how many bytes a pixel takes: where the search for a size starts.
    bytes_per_pixel: f64,
}

/// As from a camera.
pub(super) const ORDINARY: Style = Style {
    grain: 14,
    quality: 85,
    overhead: 620,
    bytes_per_pixel: 0.33,
};

/// Many bytes on few pixels, so that a large file is drawn fast.
pub(super) const DENSE: Style = Style {
    grain: 70,
    quality: 97,
    overhead: 620,
    bytes_per_pixel: 2.33,
};

/// As from a camera, without loss.
const LOSSLESS: Style = Style {
    grain: 14,
    quality: 100,
    overhead: 60,
    bytes_per_pixel: 2.55,
};

/// A JPEG of that face and about that size in bytes.
pub(super) fn jpeg(face: usize, bytes: usize, style: &Style) -> Vec<u8> {
    fit(bytes, style, |width, height| {
        let pixels = draw::portrait(face, width, height, style.grain);
        let mut file = Vec::with_capacity(bytes);
        JpegEncoder::new_with_quality(&mut file, style.quality)
            .write_image(&pixels, width, height, ExtendedColorType::Rgb8)
            .expect("a Vec takes every write, and the canvas has the pixels drawn");
        file
    })
}

/// A PNG of that face and about that size in bytes.
pub(super) fn png(face: usize, bytes: usize) -> Vec<u8> {
    fit(bytes, &LOSSLESS, |width, height| {
        let pixels = draw::portrait(face, width, height, LOSSLESS.grain);
        png_file(&pixels, width, height, ExtendedColorType::Rgb8)
    })
}

/// A PNG of a signature in that hand.
pub(super) fn signature(hand: usize) -> Vec<u8> {
    let (width, height) = (240, 80);
    png_file(
        &draw::signature(hand, width, height),
        width,
        height,
        ExtendedColorType::L8,
    )
}

fn png_file(pixels: &[u8], width: u32, height: u32, color: ExtendedColorType) -> Vec<u8> {
    let mut file = Vec::new();
    PngEncoder::new(&mut file)
        .write_image(pixels, width, height, color)
        .expect("a Vec takes every write, and the canvas has the pixels drawn");
    file
}

/// Draws on canvases of four by five until the file has about `bytes` bytes.
fn fit(bytes: usize, style: &Style, draw: impl Fn(u32, u32) -> Vec<u8>) -> Vec<u8> {
    let body = |length: usize| length.saturating_sub(style.overhead).max(1) as f64;
    let mut pixels = body(bytes) / style.bytes_per_pixel;
    let mut best = Vec::new();
    for _ in 0..TRIES {
        let width = (pixels * 0.8).sqrt().max(8.0);
        let file = draw(width as u32, (width * 1.25) as u32);
        pixels *= body(bytes) / body(file.len());
        if best.is_empty() || file.len().abs_diff(bytes) < best.len().abs_diff(bytes) {
            best = file;
        }
        if best.len().abs_diff(bytes) <= bytes / TOLERANCE {
            break;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use image::ImageFormat;

    use super::*;

    #[test]
    fn files_have_the_size_and_open() {
        for bytes in [2_000, 10_000, 40_000, 100_000] {
            for (file, format) in [
                (jpeg(1, bytes, &ORDINARY), ImageFormat::Jpeg),
                (png(1, bytes), ImageFormat::Png),
            ] {
                assert!(
                    file.len().abs_diff(bytes) <= bytes / 10,
                    "{format:?}: {} for {bytes}",
                    file.len()
                );
                assert_eq!(image::guess_format(&file).unwrap(), format);
                image::load_from_memory(&file).unwrap();
            }
        }
    }

    #[test]
    fn a_signature_is_a_small_image() {
        let file = signature(0);
        assert!(file.len() < 8_000, "{}", file.len());
        assert_eq!(image::load_from_memory(&file).unwrap().width(), 240);
        assert_ne!(file, signature(1));
    }
}
