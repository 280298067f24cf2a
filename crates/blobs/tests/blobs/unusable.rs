//! Texts that are not images give a reason and no error, and nothing is stored.

use kyc_blobs::{Config, Kept, Unusable};

use crate::{Fixture, base64, jpeg};

async fn reason(config: Config, text: &str) -> Unusable {
    let folder = tempfile::tempdir().expect("a folder");
    let fixture = Fixture::at(&crate::url_of(&folder), config);
    let kept = fixture.keep(text).await.expect("the store works");
    let stored = folder
        .path()
        .read_dir()
        .expect("the folder is there")
        .count();
    assert_eq!(stored, 0, "something was stored");
    match kept {
        Kept::Unusable(why) => why,
        Kept::Image(image, _) => panic!("{image:?}"),
    }
}

#[tokio::test]
async fn names_the_reason() {
    let mut cut = jpeg(1);
    cut.truncate(24); // before its size
    let cases = [
        ("", Unusable::Empty),
        (" \n\t ", Unusable::Empty),
        ("data:image/jpeg;base64,", Unusable::Empty),
        ("Base 64 string", Unusable::NotAnImage),
        ("not*base64", Unusable::NotBase64),
        ("/9j/-_-_", Unusable::NotBase64),
        ("\"/9j/4AAQ\"", Unusable::NotAnImage),
        ("/9j/4AA=/9j/", Unusable::NotBase64),
        ("/9j/4", Unusable::NotAnImage),
        ("data:image/jpeg,/9j/4AAQ", Unusable::NotBase64),
        ("data:image/jpeg;base64", Unusable::NotBase64),
        ("bmFtZTogQWRh", Unusable::NotAnImage),
        ("/9j/4AAQ", Unusable::NotAnImage),
        (&base64(&cut), Unusable::NotAnImage),
        (
            &base64(b"BM is how this text begins, and it goes on"),
            Unusable::NotAnImage,
        ),
        (&base64(b"GIF89a\0\0\0\0\0\0\0"), Unusable::NotAnImage),
        (
            &base64(b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"),
            Unusable::NotAnImage,
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(reason(Config::default(), text).await, expected, "{text}");
    }
}

#[tokio::test]
async fn the_cap_is_exact() {
    for seed in 0..4 {
        let mut bytes = jpeg(seed);
        bytes.truncate(bytes.len() - seed as usize); // every length of padding; the size in pixels is at the start
        let limit = bytes.len();
        let spaced: String = base64(&bytes)
            .chars()
            .flat_map(|symbol| [symbol, '\n'])
            .collect();
        for text in [base64(&bytes), spaced] {
            let config = |max_image_bytes| Config {
                max_image_bytes,
                ..Config::default()
            };
            Fixture::at("memory://", config(limit)).kept(&text).await;
            let expected = Unusable::TooLarge {
                bytes_at_least: limit,
                limit: limit - 1,
            };
            assert_eq!(reason(config(limit - 1), &text).await, expected);
        }
    }
}

#[tokio::test]
async fn the_default_cap_is_5_mib() {
    let text = "A".repeat(7 * 1024 * 1024);
    let why = reason(Config::default(), &text).await;
    assert_eq!(
        why,
        Unusable::TooLarge {
            bytes_at_least: text.len() / 4 * 3,
            limit: 5 * 1024 * 1024
        }
    );
}

#[test]
fn each_reason_has_a_code_and_a_sentence() {
    let cases = [
        (Unusable::NotBase64, "image_undecodable"),
        (Unusable::Empty, "image_missing"),
        (
            Unusable::TooLarge {
                bytes_at_least: 7,
                limit: 5,
            },
            "image_too_large",
        ),
        (Unusable::NotAnImage, "image_unrecognised"),
    ];
    for (why, code) in cases {
        assert_eq!(why.code(), code);
        assert!(why.sentence().ends_with('.'), "{why:?}");
    }
}
