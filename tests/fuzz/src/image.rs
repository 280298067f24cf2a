//! Images: any text, and any bytes in every accepted encoding, written to a store and read back.

use std::cell::OnceCell;

use base64::Engine as _;
use base64::prelude::{
    BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD,
};
use kyc_blobs::{Blobs, Config, Flaw, Image, Kept, Unusable, sha256};
use kyc_vault::DataKey;
use tokio::runtime::{Builder, Runtime};

use crate::envelope::data_key;

const ID: &str = "01j0";
const LIMIT: usize = 2048;
/// The first bytes of a GIF, with a size. With any bytes after them, it is an image.
const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x00\x00\x00";

/// Uses the bytes as the text of an image, and as an image.
pub fn image(bytes: &[u8]) {
    let store = Store::new();
    if let Ok(text) = std::str::from_utf8(bytes) {
        check_text(&store.of("text"), text);
    }
    check_bytes(&store.of("bytes"), bytes);
    let gif = [GIF, bytes].concat();
    let kept = check_bytes(&store.of("gif"), &gif);
    for form in forms(&gif) {
        assert_eq!(store.of("gif").keep(&form), kept, "{form}");
    }
}

fn check_text(store: &Store, text: &str) {
    match store.keep(text) {
        Kept::Image(image, flaw) => {
            let bytes = store.bytes_of(&image);
            assert!(bytes.len() <= LIMIT, "{image:?}");
            let is_known = flaw != Some(Flaw::Unrecognised);
            assert_eq!(is_known, image.width > 0 && image.height > 0, "{image:?}");
            let again = store.keep(&BASE64_STANDARD.encode(bytes));
            assert!(matches!(again, Kept::Image(same, _) if same == image));
        }
        Kept::Unusable(why) => assert!(!why.sentence().is_empty() && !why.code().is_empty()),
    }
}

/// Asserts that encoded bytes are stored unchanged.
fn check_bytes(store: &Store, bytes: &[u8]) -> Kept {
    let kept = store.keep(&BASE64_STANDARD.encode(bytes));
    match &kept {
        Kept::Image(image, _) => assert_eq!(store.bytes_of(image), bytes),
        Kept::Unusable(Unusable::Empty) => assert!(bytes.is_empty()),
        Kept::Unusable(Unusable::TooLarge { bytes_at_least, .. }) => {
            assert!(bytes.len() > LIMIT && *bytes_at_least <= bytes.len());
        }
        Kept::Unusable(Unusable::NotAnImage) => assert!(!bytes.starts_with(GIF)),
        Kept::Unusable(Unusable::NotBase64) => panic!("it is base64"),
    }
    kept
}

/// Returns the bytes in every encoding. All of them give the same image, or the same reason why there is none.
fn forms(bytes: &[u8]) -> Vec<String> {
    let plain = BASE64_STANDARD.encode(bytes);
    let url_safe = BASE64_URL_SAFE.encode(bytes);
    vec![
        BASE64_STANDARD_NO_PAD.encode(bytes),
        BASE64_URL_SAFE_NO_PAD.encode(bytes),
        in_lines(&plain, 76, "\r\n"),
        in_lines(&url_safe, 7, " \n\t"),
        format!("data:image/png;base64,{plain}"),
        format!(
            " DATA:;charset=utf-8;Base64 , {}",
            in_lines(&url_safe, 64, "\n")
        ),
        url_safe,
    ]
}

fn in_lines(text: &str, symbols: usize, end: &str) -> String {
    let lines = text.as_bytes().chunks(symbols).map(String::from_utf8_lossy);
    lines.map(|line| format!("{line}{end}")).collect()
}

/// A store in memory, with a tenant. Each tenant has its own keys, since a taken key would change the key of the next image.
#[derive(Clone)]
struct Store {
    blobs: Blobs,
    key: DataKey,
    tenant: &'static str,
}

impl Store {
    fn new() -> Self {
        let config = Config {
            max_image_bytes: LIMIT,
            fsync: false,
            ..Config::default()
        };
        Self {
            blobs: Blobs::open("memory://", config).expect("a store in memory opens"),
            key: data_key(ID),
            tenant: "",
        }
    }

    fn of(&self, tenant: &'static str) -> Self {
        Self {
            tenant,
            ..self.clone()
        }
    }

    fn keep(&self, text: &str) -> Kept {
        let kept = self.blobs.keep(&self.key, self.tenant, ID, "photo", text);
        wait_for(kept).expect("a store in memory does not fail")
    }

    fn bytes_of(&self, image: &Image) -> Vec<u8> {
        let opening = self.blobs.open_image(&self.key, &image.name, &image.key);
        let opened = wait_for(opening).expect("what was kept opens");
        assert_eq!(opened.media_type, image.media_type);
        assert_eq!(opened.bytes.len(), image.bytes);
        assert_eq!(sha256(&opened.bytes), image.sha256);
        opened.bytes.to_vec()
    }
}

fn wait_for<T>(future: impl Future<Output = T>) -> T {
    thread_local! {
        static RUNTIME: OnceCell<Runtime> = const { OnceCell::new() };
    }
    RUNTIME.with(|runtime| {
        let fresh = || {
            Builder::new_current_thread()
                .enable_time()
                .build()
                .expect("a runtime of one thread")
        };
        runtime.get_or_init(fresh).block_on(future)
    })
}
