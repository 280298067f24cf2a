//! Hides the public-key library: HPKE (RFC 9180) with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hpke::aead::{AeadCtxR, AeadCtxS, AesGcm256};
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable as _, Kem as _, OpModeR, OpModeS, Serializable as _};
use zeroize::Zeroizing;

use crate::cipher::KEY;

type Kem = X25519HkdfSha256;
type Private = <Kem as hpke::Kem>::PrivateKey;
type Public = <Kem as hpke::Kem>::PublicKey;
type Receiving = AeadCtxR<AesGcm256, HkdfSha256, Kem>;
type Sending = AeadCtxS<AesGcm256, HkdfSha256, Kem>;

/// Bytes of an encapsulated key, and of a public key.
pub(crate) const ENCAPSULATED: usize = 32;
/// Separates the contexts that wrap data keys from all other uses of the key pair.
const WRAPPING: &[u8] = b"kyc data key 2";
/// A sender's context serves so many data keys, and for so long; then it begins a new one. Whoever steals the memory of a process
/// that only seals gets the keys of that time, and none of before.
const SERVES: u32 = 1 << 16;
const SERVES_FOR: Duration = Duration::from_secs(10);
/// A receiver remembers so many contexts: computing one costs about as much as everything else that is done to open a job.
const REMEMBERED: usize = 256;

/// The public half of a key-encryption key.
#[derive(Clone)]
pub(crate) struct PublicHalf(Public);

/// The private half of a key-encryption key, with the contexts of senders that it met lately.
pub(crate) struct PrivateHalf {
    key: Private,
    met: Mutex<Vec<([u8; ENCAPSULATED], Arc<Receiving>)>>,
}

/// Derives wrapping keys for a recipient. One key exchange serves many of them.
pub(crate) struct Sender {
    /// The id of the recipient's key, and what tells it from others of that id.
    pub(crate) id: String,
    pub(crate) check: String,
    to: PublicHalf,
    context: Mutex<Option<Current>>,
}

/// The context of a sender, how many more keys it serves, and since when.
struct Current {
    context: Arc<Context>,
    left: u32,
    begun: Instant,
}

struct Context {
    encapsulated: [u8; ENCAPSULATED],
    sending: Sending,
}

impl PublicHalf {
    /// `None` for bytes that are no public key.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Public::from_bytes(bytes).ok().map(Self)
    }

    pub(crate) fn to_bytes(&self) -> [u8; ENCAPSULATED] {
        self.0.to_bytes().into()
    }

    /// One message for the holder of the private half: the encapsulated key, then the ciphertext.
    pub(crate) fn seal(&self, info: &[u8], plaintext: &[u8]) -> Option<Vec<u8>> {
        let (encapsulated, ciphertext) = hpke::single_shot_seal::<AesGcm256, HkdfSha256, Kem>(
            &OpModeS::Base,
            &self.0,
            info,
            plaintext,
            b"",
        )
        .ok()?;
        Some([&encapsulated.to_bytes()[..], &ciphertext].concat())
    }
}

impl PrivateHalf {
    /// Any 32 random bytes are a private key of X25519.
    pub(crate) fn new(bytes: &[u8; KEY]) -> Self {
        Self {
            key: Private::from_bytes(bytes).expect("32 bytes are a private key of X25519"),
            met: Mutex::default(),
        }
    }

    pub(crate) fn public(&self) -> PublicHalf {
        PublicHalf(Kem::sk_to_pk(&self.key))
    }

    /// Opens one message that was sealed by [`PublicHalf::seal`].
    pub(crate) fn open(&self, info: &[u8], message: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (encapsulated, ciphertext) = message.split_first_chunk::<ENCAPSULATED>()?;
        let encapsulated = <Kem as hpke::Kem>::EncappedKey::from_bytes(encapsulated).ok()?;
        hpke::single_shot_open::<AesGcm256, HkdfSha256, Kem>(
            &OpModeR::Base,
            &self.key,
            &encapsulated,
            info,
            ciphertext,
            b"",
        )
        .ok()
        .map(Zeroizing::new)
    }

    /// The wrapping key that a sender derived for `label`; `None` for bytes that no sender made.
    pub(crate) fn wrapping_key(
        &self,
        encapsulated: &[u8; ENCAPSULATED],
        label: &[u8],
    ) -> Option<Zeroizing<[u8; KEY]>> {
        let context = self.context(encapsulated)?;
        export(|info, out| context.export(info, out), label)
    }

    fn context(&self, encapsulated: &[u8; ENCAPSULATED]) -> Option<Arc<Receiving>> {
        let met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        let mut newest_first = met.iter().rev();
        if let Some((_, context)) = newest_first.find(|(known, _)| known == encapsulated) {
            return Some(Arc::clone(context));
        }
        drop(met);
        let key = <Kem as hpke::Kem>::EncappedKey::from_bytes(encapsulated).ok()?;
        let context = hpke::setup_receiver::<AesGcm256, HkdfSha256, Kem>(
            &OpModeR::Base,
            &self.key,
            &key,
            WRAPPING,
        );
        let context = Arc::new(context.ok()?);
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        if met.len() >= REMEMBERED {
            met.remove(0);
        }
        met.push((*encapsulated, Arc::clone(&context)));
        Some(context)
    }
}

impl Sender {
    pub(crate) fn new(id: &str, check: String, to: PublicHalf) -> Self {
        Self {
            id: id.to_owned(),
            check,
            to,
            context: Mutex::default(),
        }
    }

    pub(crate) fn to(&self) -> &PublicHalf {
        &self.to
    }

    /// A wrapping key for `label`, and what its recipient needs to derive the same one.
    pub(crate) fn wrapping_key(&self, label: &[u8]) -> ([u8; ENCAPSULATED], Zeroizing<[u8; KEY]>) {
        let context = self.context();
        let key = export(|info, out| context.sending.export(info, out), label);
        (context.encapsulated, key.expect("HKDF gives 32 bytes"))
    }

    fn context(&self) -> Arc<Context> {
        let mut current = self.context.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = &mut *current
            && known.left > 0
            && known.begun.elapsed() < SERVES_FOR
        {
            known.left -= 1;
            return Arc::clone(&known.context);
        }
        let (encapsulated, sending) =
            hpke::setup_sender::<AesGcm256, HkdfSha256, Kem>(&OpModeS::Base, &self.to.0, WRAPPING)
                .expect("a public key that was read can be encapsulated to");
        let encapsulated = encapsulated.to_bytes().into();
        let context = Arc::new(Context {
            encapsulated,
            sending,
        });
        *current = Some(Current {
            context: Arc::clone(&context),
            left: SERVES - 1,
            begun: Instant::now(),
        });
        context
    }
}

fn export(
    export: impl FnOnce(&[u8], &mut [u8]) -> Result<(), hpke::HpkeError>,
    label: &[u8],
) -> Option<Zeroizing<[u8; KEY]>> {
    let mut key = Zeroizing::new([0; KEY]);
    export(label, &mut key[..]).ok()?;
    Some(key)
}
