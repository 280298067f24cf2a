//! An entry of the inbox as bytes, because a producer can write anything.

use kyc_domain::Refusals;
use redis::{FromRedisValue, ParsingError, Value};
use zeroize::{Zeroize as _, Zeroizing};

/// Entries that were taken in one call.
pub(crate) struct Taken {
    /// The number of entries that the script rejected.
    pub(crate) refused: u64,
    /// The id of the last entry that was read, or empty.
    pub(crate) last: String,
    /// In how many milliseconds the tenant's rate of acceptance allows another entry.
    pub(crate) wait_ms: u64,
    pub(crate) entries: Vec<Entry>,
}

/// An entry: the names and values of its fields.
pub(crate) struct Entry {
    pub(crate) id: String,
    /// How often it was delivered to a reader that did not live to report.
    pub(crate) given: usize,
    fields: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        for (name, value) in &mut self.fields {
            name.zeroize();
            value.zeroize();
        }
    }
}

impl FromRedisValue for Taken {
    fn from_redis_value(value: Value) -> Result<Self, ParsingError> {
        let mut values = Vec::<Value>::from_redis_value(value)?.into_iter();
        let mut next = || values.next().unwrap_or(Value::Nil);
        let refused = u64::from_redis_value(next())?;
        let last = String::from_redis_value(next())?;
        let wait_ms = u64::from_redis_value(next())?;
        let entries: Result<_, _> = values.map(Entry::from_redis_value).collect();
        Ok(Self {
            refused,
            last,
            wait_ms,
            entries: entries?,
        })
    }
}

impl FromRedisValue for Entry {
    fn from_redis_value(value: Value) -> Result<Self, ParsingError> {
        let (id, flat, given): (String, Vec<Vec<u8>>, usize) =
            FromRedisValue::from_redis_value(value)?;
        let mut flat = flat.into_iter();
        let mut fields = Vec::new();
        while let (Some(name), Some(value)) = (flat.next(), flat.next()) {
            fields.push((name, value));
        }
        Ok(Self { id, given, fields })
    }
}

impl Entry {
    /// Returns the first field of this name.
    pub(crate) fn field(&self, name: &str) -> Option<&[u8]> {
        let mut fields = self.fields.iter();
        let found = fields.find(|(known, _)| known == name.as_bytes());
        found.map(|(_, value)| &value[..])
    }

    /// Returns the only field `job`.
    pub(crate) fn job(&self) -> Result<&[u8], Refusals> {
        let mut jobs = self.fields.iter().filter(|(name, _)| name == b"job");
        match (jobs.next(), jobs.next()) {
            (Some((_, job)), None) => Ok(job),
            (Some(_), Some(_)) => Err(Refusals::one(
                "job",
                "is there twice",
                "add an entry for each job",
            )),
            (None, _) => {
                let packed = self.fields.iter().find_map(|(name, _)| packaging(name));
                Err(packed.unwrap_or_else(|| {
                    let remedy = "add the entry as: XADD {kyc}:inbox * job '<json>'";
                    Refusals::one("job", "is missing", remedy)
                }))
            }
        }
    }

    /// Returns the number of bytes of all fields.
    pub(crate) fn size(&self) -> usize {
        let sizes = self
            .fields
            .iter()
            .map(|(name, value)| name.len() + value.len());
        sizes.sum()
    }

    /// Returns all fields, for people to look at: as JSON if all of them are text, otherwise one field a line.
    pub(crate) fn all(&self) -> Zeroizing<Vec<u8>> {
        let text = |bytes: &Vec<u8>| String::from_utf8(bytes.clone()).ok();
        let fields = self.fields.iter();
        let texts = fields.map(|(name, value)| Some((text(name)?, text(value)?.into())));
        if let Some(object) = texts.collect::<Option<serde_json::Map<_, serde_json::Value>>>()
            && object.len() == self.fields.len()
        {
            return Zeroizing::new(serde_json::Value::Object(object).to_string().into_bytes());
        }
        let mut all = Zeroizing::new(Vec::with_capacity(self.size() + 4 * self.fields.len()));
        for (name, value) in &self.fields {
            all.extend_from_slice(name);
            all.extend_from_slice(b": ");
            all.extend_from_slice(value);
            all.push(b'\n');
        }
        all
    }
}

/// Returns why bytes are refused that a known serializer wrote; `None` for other bytes.
pub(crate) fn packaging(bytes: &[u8]) -> Option<Refusals> {
    let (what, remedy) = match bytes {
        [0xAC, 0xED, 0x00, 0x05, ..] => (
            "was written by Java's serializer",
            "write names and values as strings (StringRedisSerializer)",
        ),
        [0x80, 2..=5, ..] => (
            "is a pickle of Python",
            "write json.dumps(job), and no pickle",
        ),
        [0x1F, 0x8B, ..] => ("is compressed", "write the JSON as it is"),
        [b's', b':', b'0'..=b'9', ..]
        | [b'a', b':', b'0'..=b'9', ..]
        | [b'O', b':', b'0'..=b'9', ..] => {
            ("was written by PHP's serializer", "write json_encode($job)")
        }
        [b'"', ..]
            if serde_json::from_slice::<String>(bytes)
                .is_ok_and(|inner| inner.trim_start().starts_with('{')) =>
        {
            (
                "is JSON within a JSON text",
                "write the JSON of the job once: it was coded twice",
            )
        }
        bytes if std::str::from_utf8(bytes).is_err() => ("is not UTF-8", "write the JSON in UTF-8"),
        _ => return None,
    };
    Some(Refusals::one("job", what, remedy))
}
