//! Makes image files of a wanted size by drawing the same image on larger or smaller canvases.

use image::{
    ExtendedColorType, ImageEncoder as _,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
};

use super::draw;

/// A file is accepted if its size differs from the wanted one by at most one part in this many.
const TOLERANCE: usize = 50;

/// The most canvases that are tried. After that the best file is used.
const TRIES: usize = 6;

/// How a portrait becomes a file.
pub(super) struct Style {
    grain: u32,
    /// The quality of a JPEG, up to 100.
    quality: u8,
    /// The approximate bytes of a file without its pixels, as the start of the search.
    overhead: usize,
    /// The approximate bytes per pixel, as the start of the search.
    bytes_per_pixel: f64,
}

/// Like a photograph.
pub(super) const ORDINARY: Style = Style {
    grain: 14,
    quality: 85,
    overhead: 620,
    bytes_per_pixel: 0.33,
};

/// Many bytes per pixel, so that a large file is drawn quickly.
pub(super) const DENSE: Style = Style {
    grain: 70,
    quality: 97,
    overhead: 620,
    bytes_per_pixel: 2.33,
};

/// Like a photograph, in a lossless format.
const LOSSLESS: Style = Style {
    grain: 14,
    quality: 100,
    overhead: 60,
    bytes_per_pixel: 2.55,
};

/// Returns a JPEG of this face with about `bytes` bytes.
pub(super) fn jpeg(face: usize, bytes: usize, style: &Style) -> Vec<u8> {
    fit(bytes, style, |width, height| {
        let pixels = draw::portrait(face, width, height, style.grain);
        let mut file = Vec::with_capacity(bytes);
        JpegEncoder::new_with_quality(&mut file, style.quality)
            .write_image(&pixels, width, height, ExtendedColorType::Rgb8)
            .expect("writing to a Vec cannot fail, and there are width × height pixels");
        file
    })
}

/// Returns a PNG of this face with about `bytes` bytes.
pub(super) fn png(face: usize, bytes: usize) -> Vec<u8> {
    fit(bytes, &LOSSLESS, |width, height| {
        let pixels = draw::portrait(face, width, height, LOSSLESS.grain);
        png_file(&pixels, width, height, ExtendedColorType::Rgb8)
    })
}

/// Returns a PNG of a signature in this hand.
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
        .expect("writing to a Vec cannot fail, and there are width × height pixels");
    file
}

/// Draws on canvases with the ratio 4:5 until the file has about `bytes` bytes.
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
