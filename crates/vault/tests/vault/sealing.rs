//! Sealed parts: round trips, the layout, and everything that must not open.

use kyc_vault::{DataKey, OpenError, Vault};

use crate::{entry, vault};

const ID: &str = "01J0";

fn one_key() -> (Vault, DataKey) {
    let vault = vault(&entry("k1", 1));
    let key = vault.data_key(ID);
    (vault, key)
}

#[test]
fn opens_what_was_sealed() {
    let (vault, key) = one_key();
    let large = vec![0x5A; 300_000];
    for content in [&b""[..], b"x", b"sixteen bytes!!!", &large] {
        let sealed = key.seal("record", "application/json", content);
        assert_eq!(sealed.len(), content.len() + 125 + 2);
        for opened in [
            vault.open(ID, "record", &sealed),
            key.open("record", &sealed),
        ] {
            let opened = opened.unwrap();
            assert_eq!(opened.media_type, "application/json");
            assert_eq!(&opened.bytes[..], content);
        }
    }
}

#[test]
fn the_header_stands_where_the_readme_says() {
    let (_, key) = one_key();
    let (one, two) = (
        key.seal("a", "image/png", b"one"),
        key.seal("b", "image/png", b"two"),
    );
    assert_eq!(&one[..7], b"KYC1\x02k1");
    assert_eq!(
        &one[7..39],
        b"image/png\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    );
    assert_eq!(
        one[39..99],
        two[39..99],
        "one wrapping for all parts of a data key"
    );
    assert_ne!(one[99..111], two[99..111], "a nonce for each part");
}

#[test]
fn any_changed_byte_fails() {
    let (vault, key) = one_key();
    let sealed = key.seal("photo", "image/jpeg", b"a face");
    for at in 0..sealed.len() {
        for bit in 0..8 {
            let mut changed = sealed.clone();
            changed[at] ^= 1 << bit;
            assert!(
                vault.open(ID, "photo", &changed).is_err(),
                "bit {bit} of byte {at}"
            );
            assert!(
                key.open("photo", &changed).is_err(),
                "bit {bit} of byte {at}"
            );
        }
    }
}

#[test]
fn any_other_length_fails() {
    let (vault, key) = one_key();
    let sealed = key.seal("photo", "image/jpeg", b"a face");
    for length in 0..sealed.len() {
        assert!(
            vault.open(ID, "photo", &sealed[..length]).is_err(),
            "{length} bytes"
        );
    }
    assert_eq!(
        vault.open(ID, "photo", &sealed[..50]),
        Err(OpenError::Truncated)
    );
    assert_eq!(
        vault.open(ID, "photo", &[&sealed[..], b"x"].concat()),
        Err(OpenError::Tampered)
    );
    assert_eq!(
        vault.open(ID, "photo", b"\xFF\xD8\xFF\xE0"),
        Err(OpenError::NotSealed)
    );
    assert_eq!(
        vault.open(ID, "photo", b"KYC1\x02\xFF\xFF"),
        Err(OpenError::Tampered)
    );
}

#[test]
fn another_verification_part_or_key_fails() {
    let (here, key) = one_key();
    let sealed = key.seal("photo", "image/jpeg", b"a face");
    let wrong_key = || {
        Err(OpenError::WrongKey {
            key: "k1".to_owned(),
        })
    };
    assert_eq!(here.open("01J1", "photo", &sealed), wrong_key());
    assert!(here.unwrap("01J1", &sealed).is_err());
    assert_eq!(
        here.open(ID, "signature", &sealed),
        Err(OpenError::Tampered)
    );
    assert_eq!(
        vault(&entry("k1", 2)).open(ID, "photo", &sealed),
        wrong_key()
    );

    let elsewhere = vault(&entry("k2", 2))
        .open(ID, "photo", &sealed)
        .unwrap_err();
    assert_eq!(
        elsewhere,
        OpenError::UnknownKey {
            id: "k1".to_owned()
        }
    );
    assert_eq!(
        elsewhere.to_string(),
        "sealed with key `k1`, which is not among the keys: add it behind the active one"
    );
}

#[test]
fn a_header_from_another_part_fails() {
    let (vault, key) = one_key();
    let mine = key.seal("photo", "image/jpeg", b"a face");
    let other = vault.data_key(ID).seal("photo", "image/jpeg", b"a face");
    let swapped = [&other[..99], &mine[99..]].concat();
    assert_eq!(vault.open(ID, "photo", &swapped), Err(OpenError::Tampered));
}

#[test]
fn an_old_key_opens_behind_a_new_one() {
    let sealed = one_key().1.seal("request", "application/json", b"{}");
    let rotated = vault(&format!("{},{}", entry("k2", 2), entry("k1", 1)));
    assert_eq!(
        &rotated.open(ID, "request", &sealed).unwrap().bytes[..],
        b"{}"
    );

    let fresh = rotated
        .data_key(ID)
        .seal("request", "application/json", b"{}");
    assert_eq!(&fresh[..7], b"KYC1\x02k2");
    let same = rotated
        .unwrap(ID, &sealed)
        .unwrap()
        .seal("record", "application/json", b"[]");
    assert_eq!(
        same[39..99],
        sealed[39..99],
        "later parts keep the verification's data key"
    );
    assert!(rotated.open(ID, "record", &same).is_ok());
}

#[test]
fn a_data_key_opens_parts_under_another_of_the_same_verification() {
    let (vault, key) = one_key();
    let sealed = vault.data_key(ID).seal("photo", "image/jpeg", b"a face");
    assert_eq!(&key.open("photo", &sealed).unwrap().bytes[..], b"a face");
    assert!(vault.data_key("01J1").open("photo", &sealed).is_err());
}

#[test]
fn an_envelope_seals_in_place() {
    let (vault, key) = one_key();
    let mut envelope = key.envelope("", 64);
    envelope.body().extend_from_slice(b"a face and a tail");
    let before = envelope.body().as_ptr();
    assert_eq!(envelope.plaintext(), b"a face and a tail");
    envelope.set_media_type("image/jpeg");
    let sealed = envelope.seal("photo");
    assert_eq!(sealed.as_ptr(), before, "the buffer was moved");
    let opened = vault.open(ID, "photo", &sealed).unwrap();
    assert_eq!(
        (opened.media_type.as_str(), &opened.bytes[..]),
        ("image/jpeg", &b"a face and a tail"[..])
    );
}

#[test]
fn an_envelope_survives_misuse_of_its_body() {
    let (vault, key) = one_key();
    let mut envelope = key.envelope("text/plain", 0);
    envelope.body().clear();
    assert!(envelope.plaintext().is_empty());
    let opened = vault.open(ID, "note", &envelope.seal("note")).unwrap();
    assert!(opened.bytes.is_empty());
}

#[test]
fn a_media_type_that_does_not_fit_becomes_unknown() {
    let (vault, key) = one_key();
    let fits = "x".repeat(32);
    let long = "x".repeat(33);
    let cases = [
        (fits.as_str(), fits.as_str()),
        (&long, UNKNOWN),
        ("", UNKNOWN),
        ("ä/b", UNKNOWN),
    ];
    for (given, expected) in cases {
        let sealed = key.seal("p", given, b"");
        assert_eq!(vault.open(ID, "p", &sealed).unwrap().media_type, expected);
    }
}

const UNKNOWN: &str = "application/octet-stream";

#[test]
fn debug_shows_no_secret() {
    let (vault, key) = one_key();
    let opened = vault
        .open(ID, "p", &key.seal("p", "text/plain", b"Ada"))
        .unwrap();
    let mut envelope = key.envelope("text/plain", 3);
    envelope.body().extend_from_slice(b"Ada");
    assert_eq!(format!("{vault:?}"), r#"Vault { keyring: ["k1"] }"#);
    assert_eq!(format!("{key:?}"), r#"DataKey { wrapped_by: "k1", .. }"#);
    assert_eq!(format!("{envelope:?}"), "Envelope { bytes: 3, .. }");
    assert_eq!(
        format!("{opened:?}"),
        r#"Opened { media_type: "text/plain", bytes: 3 }"#
    );
}
