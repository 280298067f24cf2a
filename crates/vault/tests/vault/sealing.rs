//! Sealed parts and key records: round trips, the layout, and everything that must not open.

use kyc_vault::{DataKey, OpenError, Owner, Vault};

use crate::{entry, vault};

const OWNER: Owner<'static> = Owner {
    tenant: "acme",
    kind: "bvn",
    verification: "01J0",
};

fn one_key() -> (Vault, DataKey) {
    let vault = vault(&entry("k1", 1));
    let key = vault.data_key(OWNER).expect("a key to seal with");
    (vault, key)
}

#[test]
fn opens_what_was_sealed() {
    let (vault, key) = one_key();
    let large = vec![0x5A; 300_000];
    for content in [
        &b""[..],
        b"x",
        b"sixteen bytes!!!",
        &[0; 219],
        &[0; 220],
        &[0; 221],
        &large,
    ] {
        let sealed = key.seal("record", "application/json", content);
        let padded = (36 + content.len()).next_multiple_of(256);
        assert_eq!(sealed.len(), 17 + padded + 16);
        let elsewhere = vault.key(OWNER, key.record()).unwrap();
        for key in [&key, &elsewhere] {
            let opened = key.open("record", &sealed).unwrap();
            assert_eq!(opened.media_type, "application/json");
            assert_eq!(&opened.bytes[..], content);
        }
    }
}

#[test]
fn the_fields_are_where_the_readme_says() {
    let (_, key) = one_key();
    let (one, two) = (
        key.seal("a", "image/png", b"one"),
        key.seal("a", "image/png", b"one"),
    );
    assert_eq!(&one[..5], b"KYCP\x02");
    assert_ne!(one[5..17], two[5..17], "each part has a nonce of its own");
    assert!(!one.windows(9).any(|bytes| bytes == b"image/png"));
    let record = key.record();
    assert_eq!(&record[..8], b"KYCK\x02\x02k1");
    assert!(record[8..16].iter().all(u8::is_ascii_hexdigit));
    assert_eq!(record.len(), 8 + 8 + 32 + 12 + 32 + 16);
    assert_eq!(kyc_vault::key_id(record), Some("k1"));
    assert_eq!(kyc_vault::key_id(&one), None);
}

#[test]
fn lengths_within_a_step_look_alike() {
    let (_, key) = one_key();
    let length = |content: usize| {
        key.seal("record", "application/json", &vec![b'x'; content])
            .len()
    };
    assert_eq!(length(0), length(220));
    assert_ne!(length(220), length(221));
    let image = |content: usize| {
        let mut envelope = key.envelope("image/jpeg", content);
        envelope.body().extend_from_slice(&vec![b'x'; content]);
        envelope.seal("photo").len()
    };
    assert_eq!(image(1), image(4060));
    assert_ne!(image(4060), image(4061));
}

#[test]
fn any_changed_bit_fails() {
    let (vault, key) = one_key();
    let sealed = key.seal("photo", "image/jpeg", b"a face");
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(key.open("photo", &changed).is_err(), "byte {at}");
    }
    let record = key.record();
    for at in 0..record.len() {
        let mut changed = record.to_owned();
        changed[at] ^= 1 << (at % 8);
        assert!(vault.key(OWNER, &changed).is_err(), "byte {at}");
    }
}

#[test]
fn any_other_length_fails() {
    let (vault, key) = one_key();
    let (sealed, record) = (key.seal("photo", "image/jpeg", b"a face"), key.record());
    for length in 0..sealed.len() {
        assert!(
            key.open("photo", &sealed[..length]).is_err(),
            "{length} bytes"
        );
    }
    for length in 0..record.len() {
        assert!(
            vault.key(OWNER, &record[..length]).is_err(),
            "{length} bytes"
        );
    }
    let longer = [record, b"x"].concat();
    assert_eq!(vault.key(OWNER, &longer).unwrap_err(), OpenError::Tampered);
    for (bytes, error) in [
        (&b"\xFF\xD8\xFF\xE0"[..], OpenError::NotSealed),
        (b"KYC1\x02k1", OpenError::NotSealed),
        (b"KYCP", OpenError::Truncated),
        (b"KYCP\x03", OpenError::OtherVersion { version: 3 }),
        (b"KYCP\x02abc", OpenError::Truncated),
    ] {
        assert_eq!(key.open("photo", bytes), Err(error), "{bytes:?}");
    }
    let no_id = b"KYCK\x02\x02\xFF\xFF";
    assert_eq!(vault.key(OWNER, no_id).unwrap_err(), OpenError::Tampered);
}

#[test]
fn a_part_opens_only_for_its_owner_and_under_its_name() {
    let (vault, key) = one_key();
    let sealed = key.seal("photo", "image/jpeg", b"a face");
    let others = [
        Owner {
            tenant: "evil",
            ..OWNER
        },
        Owner {
            kind: "nin",
            ..OWNER
        },
        // The lengths keep neighbours apart.
        Owner {
            tenant: "acmeb",
            kind: "vn",
            ..OWNER
        },
    ];
    for other in others {
        let key = vault.key(other, key.record()).unwrap();
        assert_eq!(
            key.open("photo", &sealed),
            Err(OpenError::Tampered),
            "{other:?}"
        );
    }
    assert_eq!(key.open("signature", &sealed), Err(OpenError::Tampered));
    let other = Owner {
        verification: "01J1",
        ..OWNER
    };
    let wrong = OpenError::WrongKey {
        key: "k1".to_owned(),
    };
    assert_eq!(vault.key(other, key.record()).unwrap_err(), wrong);
    // Under another data key of the same verification it does not open either.
    let again = vault.data_key(OWNER).unwrap();
    assert_eq!(again.open("photo", &sealed), Err(OpenError::Tampered));
}

#[test]
fn a_missing_key_and_another_of_its_name_are_named() {
    let (_, key) = one_key();
    let check = String::from_utf8(key.record()[8..16].to_owned()).unwrap();
    let other = vault(&entry("k1", 2)).key(OWNER, key.record()).unwrap_err();
    let id = || "k1".to_owned();
    let named = OpenError::OtherKey {
        id: id(),
        check: check.clone(),
    };
    assert_eq!(other, named);
    let missing = vault(&entry("k2", 2)).key(OWNER, key.record()).unwrap_err();
    assert_eq!(
        missing,
        OpenError::UnknownKey {
            id: id(),
            check: check.clone()
        }
    );
    let sentence =
        "sealed with key `k1`, which is not among the keys: add it behind the active one";
    assert_eq!(missing.to_string(), sentence);
    for error in [missing, other] {
        assert_eq!(error.missing_key(), Some(format!("k1{check}")));
    }
    // What does not open although the key is here opens nowhere.
    let wrong = OpenError::WrongKey { key: id() };
    assert!(
        OpenError::Tampered
            .missing_key()
            .or(wrong.missing_key())
            .is_none()
    );
}

#[test]
fn a_key_record_is_wrapped_anew_and_the_parts_stay() {
    let (_, key) = one_key();
    let sealed = key.seal("request", "application/json", b"{}");
    let rotated = vault(&format!("{},{}", entry("k2", 2), entry("k1", 1)));
    let anew = rotated.rewrap("01J0", key.record()).unwrap().unwrap();
    assert_eq!(kyc_vault::key_id(&anew), Some("k2"));
    assert_eq!(rotated.rewrap("01J0", &anew), Ok(None));
    assert!(rotated.rewrap("01J1", key.record()).is_err());
    let only_new = vault(&entry("k2", 2));
    let key = only_new.key(OWNER, &anew).unwrap();
    assert_eq!(&key.open("request", &sealed).unwrap().bytes[..], b"{}");
}

#[test]
fn something_small_stands_alone() {
    let (vault, _) = one_key();
    let owner = Owner::of_installation("index-key");
    let sealed = vault.seal(owner, "key", "text/plain", b"secret").unwrap();
    assert_eq!(
        &vault.open(owner, "key", &sealed).unwrap().bytes[..],
        b"secret"
    );
    assert!(vault.open(owner, "other", &sealed).is_err());
    assert!(
        vault
            .open(Owner::of_installation("x"), "key", &sealed)
            .is_err()
    );
    for length in 0..sealed.len() {
        assert!(vault.open(owner, "key", &sealed[..length]).is_err());
    }
    assert_eq!(vault.rewrap_sealed("index-key", &sealed), Ok(None));
    let rotated = crate::vault(&format!("{},{}", entry("k2", 2), entry("k1", 1)));
    let anew = rotated
        .rewrap_sealed("index-key", &sealed)
        .unwrap()
        .unwrap();
    let only_new = crate::vault(&entry("k2", 2));
    assert_eq!(
        &only_new.open(owner, "key", &anew).unwrap().bytes[..],
        b"secret"
    );
}

#[test]
fn an_envelope_seals_in_place() {
    let (_, key) = one_key();
    let mut envelope = key.envelope("", 64);
    envelope.body().extend_from_slice(b"a face and a tail");
    let before = envelope.body().as_ptr();
    assert_eq!(envelope.plaintext(), b"a face and a tail");
    envelope.set_media_type("image/jpeg");
    let sealed = envelope.seal("photo");
    assert_eq!(sealed.as_ptr(), before, "the buffer was moved");
    let opened = key.open("photo", &sealed).unwrap();
    assert_eq!(
        (opened.media_type.as_str(), &opened.bytes[..]),
        ("image/jpeg", &b"a face and a tail"[..])
    );
}

#[test]
fn an_envelope_survives_misuse_of_its_body() {
    let (_, key) = one_key();
    let mut envelope = key.envelope("text/plain", 0);
    envelope.body().clear();
    assert!(envelope.plaintext().is_empty());
    let opened = key.open("note", &envelope.seal("note")).unwrap();
    assert!(opened.bytes.is_empty());
}

#[test]
fn a_media_type_that_does_not_fit_becomes_unknown() {
    let (_, key) = one_key();
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
        assert_eq!(key.open("p", &sealed).unwrap().media_type, expected);
    }
}

const UNKNOWN: &str = "application/octet-stream";

#[test]
fn debug_shows_no_secret() {
    let (vault, key) = one_key();
    let opened = key.open("p", &key.seal("p", "text/plain", b"Ada")).unwrap();
    let mut envelope = key.envelope("text/plain", 3);
    envelope.body().extend_from_slice(b"Ada");
    assert_eq!(
        format!("{vault:?}"),
        r#"Vault { seals_for: Some("k1"), opens_with: ["k1"] }"#
    );
    assert_eq!(format!("{key:?}"), "DataKey(..)");
    assert_eq!(format!("{envelope:?}"), "Envelope { bytes: 3, .. }");
    assert_eq!(
        format!("{opened:?}"),
        r#"Opened { media_type: "text/plain", bytes: 3 }"#
    );
}

#[test]
fn the_name_of_a_key_record_tells_its_key_and_opens_nothing() {
    let (vault, key) = one_key();
    let record = key.record();
    let name = kyc_vault::record_name(record).unwrap();
    assert_eq!(name, &record[..16]);
    assert_eq!(kyc_vault::key_id(name), Some("k1"));
    assert_eq!(kyc_vault::record_name(name), Some(name));
    assert!(kyc_vault::is_record_name(name) && !kyc_vault::is_record_name(record));
    assert!(matches!(vault.key(OWNER, name), Err(OpenError::Truncated)));
    for other in [&b""[..], b"KYCK", &record[..15], b"KYCP\x02"] {
        assert_eq!(kyc_vault::record_name(other), None);
        assert!(!kyc_vault::is_record_name(other));
    }
}
