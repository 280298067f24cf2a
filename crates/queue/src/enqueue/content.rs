//! What an entry of the inbox holds: a job in clear, or one that only holders of a key can read.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use kyc_domain::{Refusals, VerificationId, streams::sealing_info};
use kyc_vault::{DataKey, OpenError, Owner, SealError, Vault, sha256};
use zeroize::Zeroizing;

use crate::enqueue::entry::Entry;

/// Which jobs an inbox takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Accepts {
    /// Jobs in clear, and sealed ones.
    #[default]
    All,
    /// Sealed jobs alone.
    Sealed,
}

/// Why an entry's job was not read.
pub(crate) enum Unread {
    /// The entry is wrong.
    Refused(Refusals),
    /// This worker lacks the key; another may have it.
    KeyMissing(String),
}

/// The kind and the part of a submitted job, whose own kind is only known once it is opened. No kind has this name.
const SUBMITTED: &str = "submitted";

/// Makes the data key of a job that is submitted under an id, and seals the job with it. The job keeps the key when a worker accepts
/// it, so sealing it otherwise until then would protect nothing more, and cost a key exchange for each job.
pub(crate) fn seal_submitted(
    vault: &Vault,
    tenant: &str,
    id: &str,
    body: &str,
) -> Result<(DataKey, Vec<u8>), SealError> {
    let key = vault.data_key(submitted_by(tenant, id))?;
    let sealed = key.seal(SUBMITTED, "application/json", body.as_bytes());
    Ok((key, sealed))
}

fn submitted_by<'a>(tenant: &'a str, id: &'a str) -> Owner<'a> {
    Owner {
        tenant,
        kind: SUBMITTED,
        verification: id,
    }
}

/// Opens a job that was submitted under an id, with its key record.
fn open_submitted(
    vault: &Vault,
    (tenant, key): (&str, &str),
    (id, record): (VerificationId, &[u8]),
    message: &[u8],
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let text = id.to_string();
    let own = vault.key(submitted_by(tenant, &text), record)?;
    match own.open(SUBMITTED, message) {
        Ok(opened) => Ok(opened.bytes),
        // Sealed by a server of an earlier version.
        Err(OpenError::NotSealed) => {
            vault.open_message(key, &submitted_info(tenant, id, record), message)
        }
        Err(error) => Err(error),
    }
}

/// Returns the `info` of HPKE for a job that was submitted under an id, with its key record. Neither can be exchanged.
pub(crate) fn submitted_info(tenant: &str, id: VerificationId, record: &[u8]) -> Vec<u8> {
    let names = format!("{} {id} ", sealing_info(tenant));
    [names.as_bytes(), &sha256(record)].concat()
}

/// Returns the id and the key record that a sealed job was submitted with, if it has them.
pub(crate) fn identity(entry: &Entry) -> Option<(VerificationId, &[u8])> {
    entry.field("sealed")?;
    let id = std::str::from_utf8(entry.field("id")?).ok()?.parse().ok()?;
    Some((id, entry.field("record")?))
}

/// Opens the key record that a job was submitted with.
pub(crate) fn data_key(vault: &Vault, owner: Owner<'_>, record: &[u8]) -> Result<DataKey, Unread> {
    vault.key(owner, record).map_err(|error| match error {
        OpenError::UnknownKey { id, .. } => Unread::KeyMissing(id),
        _ => refused(
            "record",
            "does not open",
            "leave it out, together with the id: the job gets both when it is accepted",
        ),
    })
}

/// Returns the job of an entry, in JSON.
pub(crate) fn read(
    entry: &Entry,
    tenant: &str,
    accepts: Accepts,
    vault: &Vault,
) -> Result<Zeroizing<Vec<u8>>, Unread> {
    let Some(sealed) = entry.field("sealed") else {
        let job = entry.job().map_err(Unread::Refused)?;
        return match accepts {
            Accepts::All => Ok(Zeroizing::new(job.to_vec())),
            Accepts::Sealed => Err(refused(
                "job",
                "is not sealed, and this queue takes sealed jobs alone",
                "seal the job with the public key, and send it as `sealed` with its `key`",
            )),
        };
    };
    if entry.field("job").is_some() {
        return Err(refused(
            "job",
            "is there beside `sealed`",
            "send one of them",
        ));
    }
    let key = entry
        .field("key")
        .and_then(|key| std::str::from_utf8(key).ok());
    let Some(key) = key else {
        let remedy = "send the id of the public key, which is between the two colons of it";
        return Err(refused("key", "is missing", remedy));
    };
    // Clients without binary strings send base64. Sealed bytes are practically never valid base64 themselves.
    let decoded = BASE64_STANDARD.decode(sealed.trim_ascii());
    let message = decoded.as_deref().unwrap_or(sealed);
    let opened = match identity(entry) {
        None => vault.open_message(key, sealing_info(tenant).as_bytes(), message),
        Some(identity) => open_submitted(vault, (tenant, key), identity, message),
    };
    match opened {
        Ok(job) => Ok(job),
        Err(OpenError::UnknownKey { id, .. }) => Err(Unread::KeyMissing(id)),
        Err(_) => Err(refused(
            "sealed",
            "does not open",
            "seal the JSON of the job with the public key whose id `key` has, by HPKE with the info of this inbox",
        )),
    }
}

/// Returns whether a job names its tenant itself.
pub(crate) fn names_tenant(job: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Named {
        tenant: Option<serde::de::IgnoredAny>,
    }
    serde_json::from_slice::<Named>(job).is_ok_and(|named| named.tenant.is_some())
}

/// Returns why a job that names another tenant is refused.
pub(crate) fn other_tenant(tenant: &str, stream: &str) -> Refusals {
    let problem = format!("is not {tenant}, whose inbox this is");
    let remedy = format!("leave it out, or add the job to {stream}");
    Refusals::one("tenant", &problem, &remedy)
}

fn refused(field: &str, problem: &str, remedy: &str) -> Unread {
    Unread::Refused(Refusals::one(field, problem, remedy))
}
