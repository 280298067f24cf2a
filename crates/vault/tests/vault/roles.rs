//! The three roles of keys: who seals, who opens, and what holds while keys change.

use kyc_vault::{Keyring, KeyringError, OpenError, Owner, PublicKey, ResultsKey, SealError, Vault};

use crate::{entry, vault};

const OWNER: Owner<'static> = Owner {
    tenant: "acme",
    kind: "nin",
    verification: "01J0",
};

fn public(text: &str) -> PublicKey {
    Keyring::parse(text).expect("a good key").public()
}

#[test]
fn a_public_key_seals_and_opens_nothing() {
    let producer = Vault::sealing(&public(&entry("k1", 1)));
    let key = producer.data_key(OWNER).unwrap();
    let sealed = key.seal("request", "application/json", b"{}");
    assert_eq!(
        producer.key(OWNER, key.record()).unwrap_err(),
        OpenError::NoKeys
    );
    assert!(producer.can_seal() && !producer.can_open());

    let worker = vault(&entry("k1", 1));
    let key = worker.key(OWNER, key.record()).unwrap();
    assert_eq!(&key.open("request", &sealed).unwrap().bytes[..], b"{}");
}

#[test]
fn without_keys_nothing_is_sealed_or_opened() {
    let operator = Vault::without_keys();
    assert_eq!(operator.data_key(OWNER).unwrap_err(), SealError);
    let record = vault(&entry("k1", 1)).data_key(OWNER).unwrap();
    assert_eq!(
        operator.key(OWNER, record.record()).unwrap_err(),
        OpenError::NoKeys
    );
    assert!(!operator.can_seal() && !operator.can_open() && operator.public().is_none());
    assert_eq!(
        operator.results_key("acme", None).unwrap_err(),
        OpenError::NoKeys
    );
}

#[test]
fn a_public_key_survives_its_text_and_is_not_taken_for_another() {
    let key = public(&entry("k1", 1));
    let text = key.to_string();
    let again = PublicKey::parse(&text).unwrap();
    assert_eq!((again.id(), again.to_string()), ("k1", text.clone()));
    assert_eq!(format!("{again:?}"), "PublicKey(k1)");
    assert_eq!(
        Keyring::parse(&text).unwrap_err(),
        KeyringError::Public { entry: 1 }
    );
    let zero = format!("public:k1:{}", "A".repeat(43));
    for bad in [
        &entry("k1", 1),
        "public:k1",
        "public:k1:AAAA",
        "public:k1:!",
        "",
        &zero,
    ] {
        let error = PublicKey::parse(bad).unwrap_err();
        assert_eq!(error, KeyringError::NotPublic);
        assert!(error.to_string().contains("`kyc keys public`"));
    }
    let unnamed = text.replacen("k1", "a b", 1);
    assert_eq!(
        PublicKey::parse(&unnamed).unwrap_err(),
        KeyringError::BadId { entry: 1 }
    );
}

#[test]
fn a_message_opens_with_its_key_and_its_info_alone() {
    let worker = vault(&format!("{},{}", entry("k2", 2), entry("k1", 1)));
    let message = public(&entry("k1", 1)).seal(b"inbox acme", b"{\"kind\":\"bvn\"}");
    assert_eq!(message.len(), 32 + 14 + 16);
    let open = |id: &str, info: &[u8], message: &[u8]| worker.open_message(id, info, message);
    let opened = open("k1", b"inbox acme", &message).unwrap();
    assert_eq!(&opened[..], b"{\"kind\":\"bvn\"}");
    assert_eq!(
        open("k2", b"inbox acme", &message),
        Err(OpenError::Tampered)
    );
    assert_eq!(
        open("k1", b"inbox evil", &message),
        Err(OpenError::Tampered)
    );
    for at in 0..message.len() {
        let mut changed = message.clone();
        changed[at] ^= 1;
        assert!(open("k1", b"inbox acme", &changed).is_err(), "byte {at}");
        assert!(
            open("k1", b"inbox acme", &message[..at]).is_err(),
            "{at} bytes"
        );
    }
    let unknown = OpenError::UnknownKey {
        id: "k9".to_owned(),
        check: String::new(),
    };
    assert_eq!(open("k9", b"inbox acme", &message), Err(unknown));
    // What is no id may be anything, also a person's number, and is not repeated.
    let error = open("22212345678 is", b"inbox acme", &message).unwrap_err();
    assert_eq!(error, OpenError::Tampered);
}

#[test]
fn keys_are_replaced_for_all_clones() {
    let vault = vault(&entry("k1", 1));
    let clone = vault.clone();
    let old = clone.data_key(OWNER).unwrap();
    let keys = format!("{},{}", entry("k2", 2), entry("k1", 1));
    vault.replace(Keyring::parse(&keys).unwrap());
    assert_eq!(clone.ids(), ["k2", "k1"]);
    assert!(clone.has_key("k2") && !clone.has_key("k3"));
    let new = clone.data_key(OWNER).unwrap();
    assert_eq!(kyc_vault::key_id(new.record()), Some("k2"));
    assert!(clone.key(OWNER, old.record()).is_ok());
}

#[test]
fn more_senders_than_a_receiver_remembers_are_all_understood() {
    let worker = vault(&entry("k1", 1));
    let key = public(&entry("k1", 1));
    let records: Vec<_> = (0..300)
        .map(|_| {
            Vault::sealing(&key)
                .data_key(OWNER)
                .unwrap()
                .record()
                .to_owned()
        })
        .collect();
    for record in records.iter().chain(&records) {
        assert!(worker.key(OWNER, record).is_ok());
    }
}

#[test]
fn a_result_is_authenticated_for_its_tenant() {
    let worker = vault(&entry("k1", 1));
    let key = worker.results_key("acme", None).unwrap();
    let mac = key.sign(b"{}");
    assert!(mac.starts_with("k1:") && mac.len() == 3 + 64);
    assert!(key.verify(b"{}", &mac));
    assert!(
        worker
            .results_key("acme", Some("k1"))
            .unwrap()
            .verify(b"{}", &mac)
    );
    for (result, mac) in [
        (&b"[]"[..], mac.as_str()),
        (b"{}", &mac[3..]),
        (b"{}", "k2:00"),
        (b"{}", "k1:zz"),
        (b"{}", ""),
        (b"{}", &mac[..60]),
    ] {
        assert!(!key.verify(result, mac), "{mac}");
    }
    assert!(
        !worker
            .results_key("evil", None)
            .unwrap()
            .verify(b"{}", &mac)
    );
    let other = vault(&entry("k1", 2));
    assert!(!other.results_key("acme", None).unwrap().verify(b"{}", &mac));
    assert_eq!(format!("{key:?}"), "ResultsKey(k1)");
}

#[test]
fn a_results_key_is_read_as_it_is_printed() {
    let key = vault(&entry("k1", 1)).results_key("acme", None).unwrap();
    let printed = format!("{}:{}\n", key.id(), key.to_base64());
    let read = ResultsKey::parse(&printed).unwrap();
    assert!(read.verify(b"{}", &key.sign(b"{}")));
    assert_eq!((read.id(), read.to_base64()), (key.id(), key.to_base64()));
    let public = public(&entry("k1", 1)).to_string();
    for bad in [
        "",
        "k1",
        "k1:AAAA",
        "k1:!",
        "a b:",
        &public,
        &key.to_base64(),
    ] {
        let error = ResultsKey::parse(bad).unwrap_err();
        assert_eq!(error, KeyringError::NotForResults, "{bad}");
        assert!(error.to_string().contains("`kyc keys results`"));
    }
}
