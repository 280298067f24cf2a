//! The keys of the blind indexes: the newest one makes new indexes, the older ones find what was indexed by them.

use kyc_domain::TypedNumber;
use kyc_vault::IndexKey;
use zeroize::Zeroizing;

/// Bytes of a key.
const KEY: usize = 32;
/// Characters of a key's id.
const ID: usize = 8;
/// Precedes each key of a list: whether its indexes begin with its id.
const NAMED: u8 = 1;

/// One key.
pub(crate) struct NamedKey {
    key: IndexKey,
    fingerprint: String,
    /// Whether its indexes begin with its id. Those of a key that an earlier version made do not.
    is_named: bool,
}

impl NamedKey {
    fn new(key: IndexKey, is_named: bool) -> Self {
        let fingerprint = key.index("id", "");
        Self {
            key,
            fingerprint,
            is_named,
        }
    }

    /// Returns the id, which tells nothing of the key.
    pub(crate) fn id(&self) -> &str {
        &self.fingerprint[..ID]
    }

    /// Returns the index of a value.
    pub(crate) fn index(&self, purpose: &str, value: &str) -> String {
        let index = self.key.index(purpose, value);
        match self.is_named {
            true => self.with_id(&index),
            false => index,
        }
    }

    /// Returns the index by which the jobs of a number are found. It differs between tenants.
    pub(crate) fn person(&self, tenant: &str, number: &TypedNumber) -> String {
        let value = format!("{tenant} {} {}", number.of().name(), number.expose());
        self.with_id(&self.key.index("person", &Zeroizing::new(value)))
    }

    /// Returns a digest that is equal for equal bodies.
    pub(crate) fn digest(&self, body: &str) -> String {
        self.key.index("body", body)
    }

    fn with_id(&self, index: &str) -> String {
        format!("{}{index}", self.id())
    }
}

/// All keys of a queue, the newest first. There is at least one.
pub(crate) struct IndexKeys {
    newest: NamedKey,
    older: Vec<NamedKey>,
    state: String,
}

impl IndexKeys {
    fn new(newest: NamedKey, older: Vec<NamedKey>) -> Self {
        let all = [&newest].into_iter().chain(&older);
        let all: Vec<&str> = all.map(|key| key.fingerprint.as_str()).collect();
        let state = all.join(" ");
        Self {
            newest,
            older,
            state,
        }
    }

    /// Makes the first key of a queue.
    pub(crate) fn generate() -> Self {
        Self::new(NamedKey::new(IndexKey::generate(), true), Vec::new())
    }

    /// Reads what [`IndexKeys::bytes`] wrote, or the single key of an earlier version.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() == KEY {
            let key = NamedKey::new(IndexKey::from_bytes(bytes)?, false);
            return Some(Self::new(key, Vec::new()));
        }
        let each = bytes.chunks(KEY + 1).map(|each| {
            let (flag, key) = each.split_first()?;
            Some(NamedKey::new(IndexKey::from_bytes(key)?, *flag == NAMED))
        });
        let mut all = each.collect::<Option<Vec<_>>>()?.into_iter();
        Some(Self::new(all.next()?, all.collect()))
    }

    /// Returns all keys, to be sealed. A single key of an earlier version stays as that version reads it.
    pub(crate) fn bytes(&self) -> Zeroizing<Vec<u8>> {
        if self.older.is_empty() && !self.newest.is_named {
            return Zeroizing::new(self.newest.key.expose().to_vec());
        }
        // With its full length from the start, so that no copy of a key is left behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity((1 + self.older.len()) * (KEY + 1)));
        for key in self.all() {
            bytes.push(u8::from(key.is_named));
            bytes.extend_from_slice(key.key.expose());
        }
        bytes
    }

    /// Returns the newest key alone, for a queue that has no jobs of older ones.
    pub(crate) fn newest_alone(&self) -> Self {
        Self::new(self.newest.again(), Vec::new())
    }

    /// Returns these keys behind a new one.
    pub(crate) fn rotated(&self) -> Self {
        let is_known = |fresh: &NamedKey| self.all().any(|key| key.id() == fresh.id());
        let mut fresh = NamedKey::new(IndexKey::generate(), true);
        while is_known(&fresh) {
            fresh = NamedKey::new(IndexKey::generate(), true);
        }
        Self::new(fresh, self.all().map(NamedKey::again).collect())
    }

    /// Returns the newest key, and those of the older ones that are still used.
    pub(crate) fn keeping(&self, is_used: impl Fn(&str) -> bool) -> Self {
        let used = self.older.iter().filter(|key| is_used(key.id()));
        Self::new(self.newest.again(), used.map(NamedKey::again).collect())
    }

    /// Returns all keys, the newest first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &NamedKey> {
        [&self.newest].into_iter().chain(&self.older)
    }

    /// Returns the key that makes new indexes.
    pub(crate) fn newest(&self) -> &NamedKey {
        &self.newest
    }

    /// Returns the keys before the newest.
    pub(crate) fn older(&self) -> &[NamedKey] {
        &self.older
    }

    /// Tells this list of keys from any other, and nothing of a key. The scripts compare it with that of the queue.
    pub(crate) fn state(&self) -> &str {
        &self.state
    }

    /// Returns the indexes of numbers by the newest key, separated by blanks.
    pub(crate) fn persons(&self, tenant: &str, numbers: &[TypedNumber]) -> String {
        let indexes = numbers
            .iter()
            .map(|number| self.newest.person(tenant, number));
        indexes.collect::<Vec<_>>().join(" ")
    }

    /// Returns the id of the key that made an index.
    pub(crate) fn maker<'a>(&'a self, index: &'a str) -> Option<&'a str> {
        // An index without an id in front has the 32 digits of its hash alone.
        if index.len() > 32 {
            return index.get(..ID);
        }
        if index.len() < 32 {
            return None;
        }
        let unnamed = self.all().find(|key| !key.is_named);
        unnamed.map(NamedKey::id)
    }
}

impl NamedKey {
    fn again(&self) -> Self {
        Self {
            key: self.key.clone(),
            fingerprint: self.fingerprint.clone(),
            is_named: self.is_named,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_were_written() {
        let first = IndexKeys::generate();
        let second = first.rotated();
        let third = second.rotated();
        for keys in [&first, &second, &third] {
            let read = IndexKeys::from_bytes(&keys.bytes()).unwrap();
            assert_eq!(read.state(), keys.state());
        }
        let ids = |keys: &IndexKeys| -> Vec<String> {
            keys.all().map(|key| key.id().to_owned()).collect()
        };
        assert_eq!(ids(&third)[1..], ids(&second));
        let kept = third.keeping(|id| id == first.newest().id());
        assert_eq!(ids(&kept), [ids(&third)[0].clone(), ids(&first)[0].clone()]);
        for index in ["reference", "idempotency"].map(|purpose| second.newest().index(purpose, "x"))
        {
            assert_eq!(third.maker(&index), Some(second.newest().id()));
        }
        for bytes in [&[0; 31][..], &[1; 34], &[]] {
            assert!(IndexKeys::from_bytes(bytes).is_none(), "{}", bytes.len());
        }
    }

    /// What an earlier version accepted is found as before, and also once its key is an older one.
    #[test]
    fn the_indexes_of_a_key_of_an_earlier_version_stay_as_they_are() {
        let old = IndexKey::generate();
        let keys = IndexKeys::from_bytes(old.expose()).unwrap();
        let index = old.index("reference", "acme loan-1");
        assert_eq!(keys.newest().index("reference", "acme loan-1"), index);
        assert_eq!(*keys.bytes(), old.expose());
        let rotated = IndexKeys::from_bytes(&keys.rotated().bytes()).unwrap();
        assert_eq!(rotated.older()[0].index("reference", "acme loan-1"), index);
        assert_eq!(rotated.maker(&index), Some(keys.newest().id()));
    }
}
