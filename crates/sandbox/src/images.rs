//! Portraits and signatures as base64. Each is drawn once and shared by all answers that contain it.

mod draw;
mod fit;

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use bytes::Bytes;
use tokio::{sync::OnceCell, task::spawn_blocking};

use crate::case::Photo;

/// The number of different portraits.
const PORTRAITS: usize = 16;

/// The number of different signatures.
const SIGNATURES: usize = 4;

/// The wanted size of the large image in bytes. With the tolerance of [`fit`] the actual size is below 5,000,000.
const LARGE: usize = 4_890_000;

/// The images of a sandbox, which are drawn on first use.
pub(crate) struct Images {
    image_bytes: usize,
    escaped_slashes: bool,
    portraits: [OnceCell<Portrait>; PORTRAITS],
    signatures: [OnceCell<Portrait>; SIGNATURES],
    large: OnceCell<Portrait>,
    png: OnceCell<Portrait>,
}

/// An image file and its base64.
#[derive(Clone)]
pub(crate) struct Portrait {
    file: Bytes,
    pub(crate) text: Bytes,
}

impl Portrait {
    fn of(file: Vec<u8>, escaped_slashes: bool) -> Self {
        let plain = BASE64_STANDARD.encode(&file);
        let text = Bytes::from(if escaped_slashes {
            plain.replace('/', r"\/")
        } else {
            plain
        });
        Self {
            file: Bytes::from(file),
            text,
        }
    }
}

impl Images {
    /// Returns images whose portraits have about `image_bytes` bytes. Nothing is drawn yet.
    pub(crate) fn new(image_bytes: usize, escaped_slashes: bool) -> Self {
        Self {
            image_bytes,
            escaped_slashes,
            portraits: Default::default(),
            signatures: Default::default(),
            large: OnceCell::new(),
            png: OnceCell::new(),
        }
    }

    /// Returns the ordinary portrait with this index modulo the number of portraits: a JPEG.
    pub(crate) async fn portrait(&self, place: usize) -> Portrait {
        let (face, bytes) = (place % PORTRAITS, self.image_bytes);
        self.once(&self.portraits[face], move || {
            fit::jpeg(face, bytes, &fit::ORDINARY)
        })
        .await
    }

    /// Returns the signature with this index modulo the number of signatures: a small PNG.
    pub(crate) async fn signature(&self, place: usize) -> Bytes {
        let hand = place % SIGNATURES;
        self.once(&self.signatures[hand], move || fit::signature(hand))
            .await
            .text
    }

    /// Returns the portrait in the form of a case, as text that is already escaped for JSON.
    pub(crate) async fn photo(&self, place: usize, photo: Photo) -> Bytes {
        let bytes = self.image_bytes;
        match photo {
            Photo::NotBase64 => Bytes::from_static(b"this is !!! not base64"),
            Photo::Missing => Bytes::new(),
            Photo::Large => {
                self.once(&self.large, || fit::jpeg(0, LARGE, &fit::DENSE))
                    .await
                    .text
            }
            Photo::Png => self.once(&self.png, move || fit::png(0, bytes)).await.text,
            Photo::DataUri => [
                b"data:image/jpeg;base64,",
                &*self.portrait(place).await.text,
            ]
            .concat()
            .into(),
            Photo::UrlSafe => BASE64_URL_SAFE_NO_PAD
                .encode(self.portrait(place).await.file)
                .into(),
            Photo::Lines => {
                let file = self.portrait(place).await.file;
                in_lines(BASE64_STANDARD.encode(file).as_bytes())
            }
        }
    }

    /// Returns the image in the cell. If the cell is empty, the image is drawn first, on a blocking thread.
    async fn once(
        &self,
        cell: &OnceCell<Portrait>,
        draw: impl FnOnce() -> Vec<u8> + Send + 'static,
    ) -> Portrait {
        let escaped_slashes = self.escaped_slashes;
        let drawn = async {
            let drawing = spawn_blocking(move || Portrait::of(draw(), escaped_slashes));
            drawing
                .await
                .expect("drawing does not panic and is not aborted")
        };
        cell.get_or_init(async || drawn.await).await.clone()
    }
}

/// Splits the text into lines of 76 columns. The line breaks are escaped for JSON.
fn in_lines(text: &[u8]) -> Bytes {
    let lines: Vec<&[u8]> = text.chunks(76).collect();
    lines.join(&br"\r\n"[..]).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_portrait_is_drawn_once() {
        let images = Images::new(5_000, false);
        let (one, same) = (
            images.portrait(3).await,
            images.portrait(3 + PORTRAITS).await,
        );
        assert_eq!(one.text.as_ptr(), same.text.as_ptr());
        assert_ne!(one.file, images.portrait(4).await.file);
    }

    #[test]
    fn lines_have_76_columns() {
        let text = in_lines(&[b'A'; 200]);
        let value: String = serde_json::from_slice(&[b"\"", &*text, b"\""].concat()).unwrap();
        assert_eq!(
            value.split("\r\n").map(str::len).collect::<Vec<_>>(),
            [76, 76, 48]
        );
    }
}
