//! The images of each case, decoded by the `image` crate.

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use image::ImageFormat;
use serde_json::Value;

use crate::support::{NUMBERS, World};

async fn image(world: &World, code: &str) -> String {
    let record = world.record("bvn", &format!("22200000{code}")).await;
    record["biodata"]["image"].as_str().unwrap().to_owned()
}

fn open(file: &[u8], format: ImageFormat) {
    assert_eq!(image::guess_format(file).unwrap(), format);
    image::load_from_memory_with_format(file, format).unwrap();
}

#[tokio::test]
async fn ordinary_images_open() {
    let world = World::ordinary().await;
    for (kind, stem) in NUMBERS {
        let record = world.record(kind, &format!("{stem}000")).await;
        let Value::String(photo) = &record["biodata"]["image"] else {
            assert_eq!(kind, "cac");
            continue;
        };
        let file = BASE64_STANDARD.decode(photo).unwrap();
        assert!((3_600..=4_400).contains(&file.len()), "{}", file.len());
        open(&file, ImageFormat::Jpeg);
        if let Value::String(signature) = &record["biodata"]["signature"] {
            open(
                &BASE64_STANDARD.decode(signature).unwrap(),
                ImageFormat::Png,
            );
        }
    }
}

#[tokio::test]
async fn images_come_in_other_spellings() {
    let world = World::ordinary().await;
    let uri = image(&world, "006").await;
    let text = uri.strip_prefix("data:image/jpeg;base64,").unwrap();
    open(&BASE64_STANDARD.decode(text).unwrap(), ImageFormat::Jpeg);

    let url_safe = image(&world, "007").await;
    assert!(url_safe.contains(['-', '_']) && !url_safe.contains(['+', '/', '=']));
    open(
        &BASE64_URL_SAFE_NO_PAD.decode(url_safe).unwrap(),
        ImageFormat::Jpeg,
    );

    let lines = image(&world, "008").await;
    assert!(
        lines
            .split("\r\n")
            .all(|line| line.len() <= 76 && !line.is_empty())
    );
    open(
        &BASE64_STANDARD.decode(lines.replace("\r\n", "")).unwrap(),
        ImageFormat::Jpeg,
    );

    open(
        &BASE64_STANDARD.decode(image(&world, "009").await).unwrap(),
        ImageFormat::Png,
    );
}

#[tokio::test]
async fn images_may_be_none() {
    let world = World::ordinary().await;
    assert_eq!(image(&world, "003").await, "this is !!! not base64");
    assert_eq!(image(&world, "004").await, "");
}

#[tokio::test]
async fn an_image_may_be_large() {
    let world = World::ordinary().await;
    let file = BASE64_STANDARD.decode(image(&world, "005").await).unwrap();
    assert!(
        (4_700_000..5_000_000).contains(&file.len()),
        "{}",
        file.len()
    );
    open(&file, ImageFormat::Jpeg);
}
