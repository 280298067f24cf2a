//! Blind indexes: stable, separated by purpose, and silent about their key.

use kyc_vault::IndexKey;

const EXPECTED: &str = "01230fae705a18c3b552bead0285d2ed";

#[test]
fn an_index_is_stable() {
    let key = IndexKey::from_bytes(&[9; 32]).unwrap();
    let index = key.index("bvn", "22222222222");
    // Computed with another implementation; a change here would lose every index that is stored.
    assert_eq!(index, EXPECTED);
    assert_eq!(
        IndexKey::from_bytes(key.expose())
            .unwrap()
            .index("bvn", "22222222222"),
        index
    );
}

#[test]
fn purpose_value_and_key_separate() {
    let key = IndexKey::generate();
    let indexes = [
        key.index("bvn", "12345678901"),
        key.index("nin", "12345678901"),
        key.index("bvn", "12345678902"),
        key.index("bvn1", "2345678901"),
        IndexKey::generate().index("bvn", "12345678901"),
    ];
    for (at, one) in indexes.iter().enumerate() {
        assert_eq!(one.len(), 32);
        assert!(indexes[at + 1..].iter().all(|other| other != one));
    }
}

#[test]
fn only_32_bytes_are_a_key() {
    for length in [0, 31, 33, 64] {
        assert!(IndexKey::from_bytes(&vec![0; length]).is_none(), "{length}");
    }
}

#[test]
fn debug_hides_the_key() {
    assert_eq!(format!("{:?}", IndexKey::generate()), "IndexKey(..)");
}
