//! Whether a result is as a worker published it.

use kyc_vault::ResultsKey;

use crate::JobResult;

/// What the MAC of a result tells. Only [`Authenticity::Authentic`] speaks for the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authenticity {
    /// A worker published it, and it was not changed since.
    Authentic,
    /// It has a verdict, and no MAC that fits.
    Forged,
    /// Its MAC was made with a key that this reader lacks. After a change of keys, print the new one with `kyc keys results`.
    UnknownKey(String),
    /// It has no verdict, and so no MAC: a job can end as dead or cancelled without a worker.
    NoVerdict,
}

/// The keys whose results are trusted, each for one tenant. They open nothing.
#[derive(Debug, Default)]
pub struct Trusted {
    keys: Vec<(String, ResultsKey)>,
}

impl Trusted {
    /// No key yet: no result is authentic.
    pub fn new() -> Self {
        Self::default()
    }

    /// Also trusts this key of a tenant, as `kyc keys results --tenant TENANT` prints it. While keys are changed, a tenant has two.
    #[must_use]
    pub fn with(mut self, tenant: &str, key: ResultsKey) -> Self {
        self.keys.push((tenant.to_owned(), key));
        self
    }

    /// Checks the MAC of a result over its bytes as they were published. Takes the same time whatever differs.
    pub fn check(&self, result: &JobResult, published: &[u8], mac: &str) -> Authenticity {
        if result.verdict.is_empty() {
            return Authenticity::NoVerdict;
        }
        let Some((id, _)) = mac.split_once(':') else {
            return Authenticity::Forged;
        };
        let mut keys = self.keys.iter();
        let of_it =
            |(tenant, key): &&(String, ResultsKey)| *tenant == result.tenant && key.id() == id;
        match keys.find(of_it) {
            Some((_, key)) if key.verify(published, mac) => Authenticity::Authentic,
            Some(_) => Authenticity::Forged,
            None => Authenticity::UnknownKey(id.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use kyc_vault::{Keyring, Vault};

    use super::*;

    #[test]
    fn only_the_mac_of_the_tenants_own_key_counts() {
        let vault = Vault::new(Keyring::parse(&Keyring::generate("k1").unwrap()).unwrap());
        let key = |tenant| {
            let key = vault.results_key(tenant, None).unwrap();
            ResultsKey::parse(&format!("{}:{}\n", key.id(), key.to_base64())).unwrap()
        };
        let trusted = Trusted::new().with("acme", key("acme"));
        let read = |text: &str| serde_json::from_str::<JobResult>(text).unwrap();
        let found = r#"{"id":"1","tenant":"acme","state":"completed","verdict":"found"}"#;
        let other = found.replace("acme", "evil");
        let changed = found.replace("found", "match");
        let dead = r#"{"id":"1","tenant":"acme","state":"dead","reasons":["http_500"]}"#;
        let mac = key("acme").sign(found.as_bytes());
        let short = &mac[..mac.len() - 1];
        let of_another_key = mac.replace("k1:", "k2:");
        let cases = [
            (found, mac.clone(), Authenticity::Authentic),
            (&changed, mac.clone(), Authenticity::Forged),
            (found, short.to_owned(), Authenticity::Forged),
            (found, String::new(), Authenticity::Forged),
            (found, "k1:".to_owned(), Authenticity::Forged),
            (
                found,
                key("evil").sign(found.as_bytes()),
                Authenticity::Forged,
            ),
            (
                &other,
                key("evil").sign(other.as_bytes()),
                Authenticity::UnknownKey("k1".to_owned()),
            ),
            (
                found,
                of_another_key,
                Authenticity::UnknownKey("k2".to_owned()),
            ),
            (dead, String::new(), Authenticity::NoVerdict),
        ];
        for (text, mac, expected) in cases {
            let told = trusted.check(&read(text), text.as_bytes(), &mac);
            assert_eq!(told, expected, "{text} {mac}");
        }
    }
}
