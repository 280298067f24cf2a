//! What producers, consumers and workers agree on: the names of the streams, what seals a job for one tenant, and how a reader of
//! results notices that it missed some. The names here are without the queue's prefix, which [`key`] adds.

use crate::Tenant;

/// The stream with the results of all tenants.
pub const ALL_RESULTS: &str = "results";

/// Returns the full name of a stream or key of a queue. The braces are a hash tag: all keys of a queue lie in one slot.
pub fn key(queue: &str, name: &str) -> String {
    format!("{{{queue}}}:{name}")
}

/// Returns the stream of a tenant's jobs. That of the tenant `default` is the installation's own.
pub fn inbox(tenant: &str) -> String {
    if tenant == Tenant::DEFAULT {
        "inbox".to_owned()
    } else {
        format!("inbox:{tenant}")
    }
}

/// Returns the stream of a tenant's own results.
pub fn results(tenant: &str) -> String {
    format!("{ALL_RESULTS}:{tenant}")
}

/// Returns the `info` of HPKE for the sealed jobs of a tenant. It is authenticated, so a job that was sealed for one tenant is
/// refused in the inbox of another.
pub fn sealing_info(tenant: &str) -> String {
    format!("kyc-inbox {tenant}")
}

/// How far a stream reaches back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The id of the first entry that is left.
    pub first: Option<String>,
    /// The id of the last entry that was ever added.
    pub last_added: String,
    /// Whether entries were ever deleted.
    pub has_lost: bool,
}

impl Extent {
    /// Returns the first entry that is left, or `none`, if entries after `after` may have been deleted.
    pub fn first_after_gap(self, after: &str) -> Option<String> {
        let after = parts(after).filter(|_| self.has_lost)?;
        match self.first {
            Some(first) => (parts(&first)? > after).then_some(first),
            None => (parts(&self.last_added)? > after).then(|| "none".to_owned()),
        }
    }
}

/// Parses the id of an entry: a time, and a number within it.
fn parts(id: &str) -> Option<(u64, u64)> {
    let (time, number) = id.split_once('-').unwrap_or((id, "0"));
    Some((time.parse().ok()?, number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tenant_has_streams_of_its_own() {
        assert_eq!(key("kyc", &inbox("default")), "{kyc}:inbox");
        assert_eq!(key("kyc", &inbox("acme")), "{kyc}:inbox:acme");
        assert_eq!(key("kyc", &results("acme")), "{kyc}:results:acme");
        assert_eq!(sealing_info("acme"), "kyc-inbox acme");
    }

    #[test]
    fn a_gap_is_noticed_only_after_entries_were_deleted() {
        let cases = [
            (Some("5-0"), "9-0", true, "4-7", Some("5-0")),
            (Some("5-0"), "9-0", true, "5-0", None),
            (Some("5-2"), "9-0", true, "5-1", Some("5-2")),
            (Some("5-0"), "9-0", true, "7", None),
            (Some("5-0"), "9-0", false, "4-7", None),
            (None, "9-0", true, "8-3", Some("none")),
            (None, "9-0", true, "9-0", None),
            (Some("5-0"), "9-0", true, "no id", None),
        ];
        for (first, last, has_lost, after, expected) in cases {
            let extent = Extent {
                first: first.map(str::to_owned),
                last_added: last.to_owned(),
                has_lost,
            };
            let found = extent.first_after_gap(after);
            assert_eq!(found.as_deref(), expected, "{first:?} {after}");
        }
    }
}
