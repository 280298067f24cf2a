//! `kyc images`: lists and opens the images of a verification.

use std::{path::Path, process::ExitCode};

use anyhow::{Context, Result, bail, ensure};
use kyc_domain::Image;
use serde_json::json;

use super::{id, private};
use crate::{cli::Images, output, settings::Settings};

/// Lists the images, and writes them to the folder of `--out`, if it is given.
pub(crate) async fn run(args: &Images, settings: &Settings, json: bool) -> Result<ExitCode> {
    let id = id(&args.id)?;
    let queue = settings.connect_opening().await?;
    let known = queue
        .look(id)
        .await?
        .with_context(|| format!("there is no verification {id}"))?;
    if known.erased {
        bail!("verification {id}: {}", output::ERASED);
    }
    let images = known
        .outcome
        .map(|outcome| outcome.images)
        .unwrap_or_default();
    if images.is_empty() && !json {
        eprintln!(
            "Verification {id} is {} and has no images",
            known.state.as_str()
        );
    }
    let blobs = settings.blobs()?;
    let key = queue.data_key(id).await?;
    let key = key.with_context(|| format!("there is no verification {id}"))?;
    for image in &images {
        let file = match &args.out {
            Some(dir) => Some(write(&blobs, &key, image, dir).await?),
            None => None,
        };
        if json {
            output::line(json!({ "image": image, "file": file }))?;
        } else {
            let Image {
                name,
                media_type,
                width,
                height,
                bytes,
                sha256,
                ..
            } = image;
            output::line(format_args!(
                "{name:<10} {media_type:<11} {width}x{height}  {bytes} bytes  sha256 {sha256}"
            ))?;
            if let Some(file) = file {
                output::line(format_args!("           {file}"))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Opens one image, checks its SHA-256 against the outcome, and writes it to a file. Returns the file's path.
pub(crate) async fn write(
    blobs: &kyc_blobs::Blobs,
    key: &kyc_vault::DataKey,
    image: &Image,
    dir: &Path,
) -> Result<String> {
    let opened = blobs.open_image(key, &image.name, &image.key).await?;
    ensure!(
        kyc_blobs::sha256(&opened.bytes) == image.sha256,
        "the stored {} is not the image of the outcome: its SHA-256 differs",
        image.name
    );
    private::make_folder(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let ending = match image.media_type.as_str() {
        "image/jpeg" => "jpg",
        other => other.strip_prefix("image/").unwrap_or("bin"),
    };
    let path = dir.join(format!("{}-{}.{ending}", key.verification(), image.name));
    private::write(&path, &opened.bytes)
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path.display().to_string())
}
