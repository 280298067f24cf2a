//! Reading keys: what is accepted, and what a refusal says.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kyc_vault::{Keyring, KeyringError};

use crate::entry;

fn refusal(text: &str) -> KeyringError {
    Keyring::parse(text).expect_err("the text should be refused")
}

#[test]
fn reads_commas_lines_comments_and_spaces() {
    let text = format!(
        "# made in March, by hand\n{}, {} ,\n\r\n  # old ones\n{}\n",
        entry("new", 1),
        entry("mid_2", 2).replacen(':', " : ", 1),
        entry("old-3", 3).trim_end_matches('='),
    );
    let ring = Keyring::parse(&text).unwrap();
    assert_eq!(ring.active_id(), "new");
    assert_eq!(ring.ids().collect::<Vec<_>>(), ["new", "mid_2", "old-3"]);
}

#[test]
fn generates_a_new_key_each_time() {
    let (one, two) = (
        Keyring::generate("k1").unwrap(),
        Keyring::generate("k1").unwrap(),
    );
    assert_ne!(one, two);
    assert_eq!(Keyring::parse(&one).unwrap().active_id(), "k1");
    for id in ["", "a b", "a:b", "a,b", "ключ", &"x".repeat(33)] {
        assert_eq!(
            Keyring::generate(id),
            Err(KeyringError::BadId { entry: 1 }),
            "{id}"
        );
    }
}

#[test]
fn names_what_is_wrong() {
    let good = entry("k1", 1);
    let id = || "k2".to_owned();
    let cases = [
        (String::new(), KeyringError::Empty),
        ("# only a comment".to_owned(), KeyringError::Empty),
        (format!("{good},lonely"), KeyringError::NoId { entry: 2 }),
        (format!("{good},:AAAA"), KeyringError::BadId { entry: 2 }),
        (
            format!("{good},k2:not base64!"),
            KeyringError::NotBase64 { id: id() },
        ),
        (
            format!("{good},k2:AAAA"),
            KeyringError::WrongLength { id: id(), bytes: 3 },
        ),
        (
            format!("{},{}", entry("k2", 1), entry("k2", 2)),
            KeyringError::Duplicate { id: id() },
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(refusal(&text), expected);
    }
}

#[test]
fn says_the_remedy() {
    let sentence = refusal("k2:AAAA").to_string();
    assert!(
        sentence.contains("`k2`") && sentence.contains("3 bytes"),
        "{sentence}"
    );
    for text in ["k2:AAAA", "k2:!", "lonely", ""] {
        let sentence = refusal(text).to_string();
        assert!(sentence.contains("`kyc keys generate`"), "{sentence}");
    }
    let unnamed = Keyring::generate("a b").unwrap_err().to_string();
    assert!(unnamed.contains("name of key 1 is wrong"), "{unnamed}");
}

#[test]
fn never_repeats_a_key() {
    let key = BASE64_STANDARD.encode([7; 32]);
    let texts = [
        key.clone(),
        format!("{key}:k1"),
        format!("k1:{key}{key}"),
        format!("k1:{key}!"),
        format!("k1:{key},k1:{key}"),
    ];
    for text in texts {
        let error = refusal(&text);
        let said = format!("{error} {error:?}");
        assert!(!said.contains(&key[..8]), "{said}");
    }
}

#[test]
fn debug_shows_ids_only() {
    let ring = Keyring::parse(&format!("{},{}", entry("k2", 2), entry("k1", 1))).unwrap();
    assert_eq!(format!("{ring:?}"), r#"["k2", "k1"]"#);
}
