//! The settings about where key records are.

use std::sync::Arc;

use kyc_blobs::Blobs;
use kyc_queue::{KeyRecordStore, KeyRecords, RedisKeyRecords};
use kyc_verification::KeyRecordsInBlobs;

use super::{Settings, WrongSetting, parse, secrets::names_redis};

/// A store of key records.
pub(crate) enum KeyStore {
    /// A Redis.
    Redis(RedisKeyRecords),
    /// A blob store.
    Blobs(Blobs),
}

/// The setting, and what it means beside that of the queue.
const NOW: &str = "key_records";
const BEFORE: &str = "key_records_before";
/// The value that names no store.
const QUEUE: &str = "queue";

impl Settings {
    /// Returns where key records are.
    pub(super) fn key_records(&self) -> Result<KeyRecords, WrongSetting> {
        Ok(KeyRecords {
            store: self.shared(self.key_store()?),
            before: self.shared(self.store_named(BEFORE)?),
        })
    }

    /// Returns the store of key records; `None` if they are with their jobs.
    pub(crate) fn key_store(&self) -> Result<Option<KeyStore>, WrongSetting> {
        self.store_named(NOW)
    }

    fn store_named(&self, key: &str) -> Result<Option<KeyStore>, WrongSetting> {
        let Some(place) = self.0.secret(key)?.filter(|place| place != QUEUE) else {
            return Ok(None);
        };
        if names_redis(&place) {
            self.private_redis(key, &place)?;
            if self.redis_url()? == place {
                let remedy = "it is the Redis of the queue: name another one, which its backups do not hold, or write queue";
                return Err(self.0.wrong(key, remedy));
            }
            let allow_plaintext = self.0.parsed("allow_plaintext", parse::truth)?;
            let namespace = self.0.text("namespace");
            let tls = self.redis_tls()?;
            let store = RedisKeyRecords::new(&place, &namespace, &tls, allow_plaintext);
            let store = store.map_err(|error| self.0.wrong(key, &error.to_string()))?;
            return Ok(Some(KeyStore::Redis(store)));
        }
        if !place.contains(':') {
            let remedy = "write queue, or the address of a Redis or of a blob store, like rediss://host:6379, file:/mnt/key-records or s3://bucket/prefix";
            return Err(self.0.wrong(key, remedy));
        }
        if place
            .trim_start()
            .to_ascii_lowercase()
            .starts_with("memory:")
        {
            let remedy = "the memory of a process keeps no key records for others: name a folder, a bucket or a Redis";
            return Err(self.0.wrong(key, remedy));
        }
        let images = parse::blob_url(&self.0.text("blob_url")).unwrap_or_default();
        if parse::blob_url(&place).is_ok_and(|place| overlap(&place, &images)) {
            let remedy = "it and blob_url are one place: whoever copies the images would copy the keys to them";
            return Err(self.0.wrong(key, remedy));
        }
        Ok(Some(KeyStore::Blobs(self.blobs_at(key, &place)?)))
    }

    fn shared(&self, store: Option<KeyStore>) -> Option<Arc<dyn KeyRecordStore>> {
        let namespace = || self.0.text("namespace");
        Some(match store? {
            KeyStore::Redis(store) => Arc::new(store),
            KeyStore::Blobs(blobs) => Arc::new(KeyRecordsInBlobs::new(blobs, namespace())),
        })
    }
}

/// Returns whether one of two places of blobs lies within the other.
fn overlap(one: &str, other: &str) -> bool {
    let folder = |place: &str| format!("{}/", place.trim_end_matches('/'));
    let (one, other) = (folder(one), folder(other));
    one.starts_with(&other) || other.starts_with(&one)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Layers;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let flags = pairs.iter().map(|(key, value)| {
            let flag = format!("--set {key}");
            ((*key).to_owned(), (flag, (*value).to_owned()))
        });
        Settings::load(Layers::read(None, flags.collect()).unwrap())
    }

    #[test]
    fn a_store_is_another_place_than_those_of_jobs_and_images() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| format!("file:{}/{name}", folder.path().display());
        let images = at("images");
        for (place, wrong) in [
            ("queue", None),
            ("redis://127.0.0.1:6380", None),
            ("rediss://keys.example.com", None),
            ("redis+sentinel://127.0.0.1/keys", None),
            (&at("records"), None),
            (&at("images-2"), None),
            ("redis://127.0.0.1:6379", Some("the Redis of the queue")),
            ("redis://keys.example.com", Some("in clear")),
            ("redis+sentinel://127.0.0.1", Some("not valid")),
            (&at("images"), Some("one place")),
            (&at("images/records"), Some("one place")),
            (&at(""), Some("one place")),
            ("memory://", Some("keeps no key records")),
            ("yes", Some("write queue")),
            ("ftp://host", Some("no blob store has the scheme")),
        ] {
            for key in [NOW, BEFORE] {
                let settings = settings(&[(key, place), ("blob_url", &images)]);
                match (settings.key_records(), wrong) {
                    (Ok(_), None) => {}
                    (Err(error), Some(part)) => {
                        let error = error.to_string();
                        assert!(
                            error.contains(part) && error.contains(key),
                            "{place}: {error}"
                        );
                    }
                    (known, _) => panic!("{place}: {:?}", known.err()),
                }
            }
        }
    }

    #[test]
    fn the_default_is_with_the_jobs() {
        let known = settings(&[]).key_records().unwrap();
        assert!(known.store.is_none() && known.before.is_none());
    }
}
