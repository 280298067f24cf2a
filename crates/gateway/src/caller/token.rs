//! The text of an API key: `kyc_`, its id, `_`, its secret, and a checksum, by which a scanner tells it from other texts.

use std::{fmt, str::FromStr};

use aws_lc_rs::{constant_time::verify_slices_are_equal, rand};
use kyc_vault::{IndexKey, sha256};
use zeroize::Zeroizing;

const PREFIX: &str = "kyc_";
const ID: usize = 12;
/// 32 letters and digits: 190 bits.
const SECRET: usize = 32;
const CHECKSUM: usize = 6;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// An API key as its holder has it. `Debug` shows its id alone.
#[derive(Clone)]
pub struct Token {
    id: String,
    secret: Zeroizing<String>,
}

/// The error for a text that is not an API key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an API key, or not a whole one")]
pub struct NotAToken;

impl Token {
    /// Generates a new key.
    pub fn generate() -> Self {
        Self {
            id: random(ID),
            secret: Zeroizing::new(random(SECRET)),
        }
    }

    /// Returns its id, which is not secret.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the whole key, to be shown once.
    pub fn expose(&self) -> Zeroizing<String> {
        let text = format!("{PREFIX}{}_{}", self.id, *self.secret);
        Zeroizing::new(format!("{text}{}", checksum(&text)))
    }

    /// Returns the hash of its secret, which is stored. The secret is random, so the hash needs no salt and no work factor.
    pub fn secret_hash(&self) -> String {
        hex::encode(sha256(self.secret.as_bytes()))
    }

    /// Returns whether this is the hash of its secret. Takes the same time for every other hash.
    pub fn has_hash(&self, hash: &str) -> bool {
        verify_slices_are_equal(self.secret_hash().as_bytes(), hash.as_bytes()).is_ok()
    }

    /// Returns the key of the indexes of this caller's idempotency keys. It cannot be computed from what is stored.
    pub(crate) fn index_key(&self) -> IndexKey {
        let text = Zeroizing::new(format!("idempotency {}", *self.secret));
        let bytes = Zeroizing::new(sha256(text.as_bytes()));
        IndexKey::from_bytes(&*bytes).expect("a SHA-256 has the length of a key")
    }
}

impl FromStr for Token {
    type Err = NotAToken;

    fn from_str(text: &str) -> Result<Self, NotAToken> {
        let length = PREFIX.len() + ID + 1 + SECRET + CHECKSUM;
        if text.len() != length || !text.is_ascii() {
            return Err(NotAToken);
        }
        let (whole, sum) = text.split_at(length - CHECKSUM);
        let parts = whole
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.split_once('_'));
        let (id, secret) = parts.ok_or(NotAToken)?;
        if id.len() != ID || checksum(whole) != sum {
            return Err(NotAToken);
        }
        Ok(Self {
            id: id.to_owned(),
            secret: Zeroizing::new(secret.to_owned()),
        })
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({})", self.id)
    }
}

/// Returns random letters and digits, each equally likely.
pub(crate) fn random(length: usize) -> String {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let mut byte = [0];
        rand::fill(&mut byte).expect("the system's generator does not fail once it has begun");
        // 248 is a multiple of 62.
        if byte[0] < 248 {
            text.push(char::from(ALPHABET[usize::from(byte[0] % 62)]));
        }
    }
    text
}

/// Returns the CRC-32 of a text in base 62.
fn checksum(text: &str) -> String {
    let mut rest = crc32fast::hash(text.as_bytes()) as usize;
    let mut digits = [0; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[rest % 62];
        rest /= 62;
    }
    digits.into_iter().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_shown() {
        let token = Token::generate();
        let read: Token = token.expose().parse().expect("a token");
        assert_eq!(read.id(), token.id());
        assert!(read.has_hash(&token.secret_hash()));
        assert!(!Token::generate().has_hash(&token.secret_hash()));
        assert_eq!(format!("{token:?}"), format!("Token({})", token.id()));
    }

    #[test]
    fn a_changed_or_cut_token_is_none() {
        let text = Token::generate().expose().to_string();
        for nth in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[nth] = if bytes[nth] == b'a' { b'b' } else { b'a' };
            let changed = String::from_utf8(bytes).expect("ASCII");
            assert!(changed.parse::<Token>().is_err(), "{nth}");
            assert!(text[..nth].parse::<Token>().is_err(), "{nth}");
        }
        for other in ["", "kyc_", "Bearer", &"é".repeat(30), &format!("{text} ")] {
            assert!(other.parse::<Token>().is_err(), "{other}");
        }
    }
}
