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

#[cfg(test)]
mod tests {
    use kyc_vault::Keyring;
    use redis::{FromRedisValue, Value};

    use super::*;

    const JOB: &str = r#"{"kind":"bvn"}"#;

    fn vault() -> Vault {
        Vault::new(Keyring::parse(&Keyring::generate("k1").unwrap()).unwrap())
    }

    fn entry(id: &str, record: &[u8], sealed: &[u8]) -> Entry {
        let text = |bytes: &[u8]| Value::BulkString(bytes.to_vec());
        let fields: [&[u8]; 8] = [
            b"id",
            id.as_bytes(),
            b"key",
            b"k1",
            b"record",
            record,
            b"sealed",
            sealed,
        ];
        let fields = fields.map(text).to_vec();
        let value = vec![text(b"1-0"), Value::Array(fields), Value::Int(0)];
        Entry::from_redis_value(Value::Array(value)).unwrap()
    }

    fn opened(vault: &Vault, tenant: &str, entry: &Entry) -> Option<Vec<u8>> {
        let read = read(entry, tenant, Accepts::Sealed, vault).ok();
        read.map(|job| job.to_vec())
    }

    #[test]
    fn a_submitted_job_opens_with_its_tenant_id_and_record_alone() {
        let vault = vault();
        let id = VerificationId::generate().to_string();
        let seal = |id: &str| seal_submitted(&vault, "acme", id, JOB).ok().unwrap();
        let (key, sealed) = seal(&id);
        let own = entry(&id, key.record(), &sealed);
        assert_eq!(opened(&vault, "acme", &own).unwrap(), JOB.as_bytes());
        assert_eq!(opened(&vault, "evil", &own), None);
        let other = VerificationId::generate().to_string();
        let (other_key, _) = seal(&other);
        for (id, record) in [
            (&other, key.record()),
            (&id, other_key.record()),
            (&other, other_key.record()),
        ] {
            assert_eq!(opened(&vault, "acme", &entry(id, record, &sealed)), None);
        }
        // The key is that of the job when it is accepted.
        let owner = Owner {
            tenant: "acme",
            kind: "bvn",
            verification: &id,
        };
        let accepted = data_key(&vault, owner, key.record()).ok().unwrap();
        let request = accepted.seal("request", "application/json", JOB.as_bytes());
        assert!(key.open("request", &request).is_err());
        assert!(accepted.open(SUBMITTED, &sealed).is_err());
    }

    #[test]
    fn a_job_that_an_earlier_version_submitted_is_read() {
        let vault = vault();
        let id = VerificationId::generate();
        let text = id.to_string();
        let (key, _) = seal_submitted(&vault, "acme", &text, JOB).ok().unwrap();
        let info = submitted_info("acme", id, key.record());
        let sealed = vault.public().unwrap().seal(&info, JOB.as_bytes());
        let entry = entry(&text, key.record(), &sealed);
        assert_eq!(opened(&vault, "acme", &entry).unwrap(), JOB.as_bytes());
    }
}
