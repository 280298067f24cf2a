//! The keys of callers of the HTTP API, in Redis. Only the hash of a key's secret is stored.

use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Error, Queue};

/// The hash of all API keys, by their ids.
const API_KEYS: &str = "api-keys";

/// What the holder of an API key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Submit jobs of the key's tenant, and cancel them.
    Submit,
    /// See the verifications of the key's tenant, without personal data.
    Read,
    /// See personal data: records and images.
    Reveal,
    /// Operate the queue: limits, pauses, retries. Not bound to a tenant.
    Operate,
    /// Everything. Not bound to a tenant.
    Admin,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 5] = [
        Self::Submit,
        Self::Read,
        Self::Reveal,
        Self::Operate,
        Self::Admin,
    ];

    /// Returns the name that commands and pages use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Read => "read",
            Self::Reveal => "reveal",
            Self::Operate => "operate",
            Self::Admin => "admin",
        }
    }

    /// Returns whether the role concerns the whole queue, and not the jobs of one tenant.
    pub fn is_of_the_queue(self) -> bool {
        matches!(self, Self::Operate | Self::Admin)
    }
}

impl FromStr for Role {
    type Err = NotARole;

    fn from_str(text: &str) -> Result<Self, NotARole> {
        let known = Self::ALL.into_iter().find(|role| role.as_str() == text);
        known.ok_or(NotARole)
    }
}

/// The error for a text that is not a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a role: write some of submit, read, reveal, operate, admin")]
pub struct NotARole;

/// An API key, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its id, which is part of the key and not secret.
    pub id: String,
    /// SHA-256 of its secret, in hexadecimal.
    pub secret_hash: String,
    /// The tenant whose jobs it concerns; `None` for a key that operates the queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// What its holder may do.
    pub roles: Vec<Role>,
    /// A note for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Requests in a second; `None` for the server's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<u32>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    /// Returns whether the key is valid at this time.
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// Returns whether its holder has this role. An `admin` has all of them.
    pub fn has(&self, role: Role) -> bool {
        self.roles
            .iter()
            .any(|own| *own == role || *own == Role::Admin)
    }
}

impl Queue {
    /// Stores a new API key. Returns whether it was stored: an id is never given twice.
    pub async fn add_api_key(&self, key: &ApiKey) -> Result<bool, Error> {
        let mut add = redis::cmd("HSETNX");
        add.arg(self.key(API_KEYS)).arg(&key.id).arg(text(key));
        Ok(add.query_async(&mut self.connection()).await?)
    }

    /// Returns an API key by its id.
    pub async fn api_key(&self, id: &str) -> Result<Option<ApiKey>, Error> {
        let mut get = redis::cmd("HGET");
        get.arg(self.key(API_KEYS)).arg(id);
        let known: Option<Vec<u8>> = get.query_async(&mut self.connection()).await?;
        known.map(|known| read(id, &known)).transpose()
    }

    /// Returns all API keys, oldest first.
    pub async fn api_keys(&self) -> Result<Vec<ApiKey>, Error> {
        let mut all = redis::cmd("HGETALL");
        all.arg(self.key(API_KEYS));
        let known: Vec<(String, Vec<u8>)> = all.query_async(&mut self.connection()).await?;
        let keys = known.iter().map(|(id, key)| read(id, key));
        let mut keys: Vec<ApiKey> = keys.collect::<Result<_, _>>()?;
        keys.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
        Ok(keys)
    }

    /// Revokes an API key. Returns the key, or `None` if there is none with this id. The time of an earlier revocation stays.
    pub async fn revoke_api_key(&self, id: &str) -> Result<Option<ApiKey>, Error> {
        let Some(mut key) = self.api_key(id).await? else {
            return Ok(None);
        };
        if key.revoked_at.is_none() {
            let now = Timestamp::from_millisecond(self.now_ms().await?);
            key.revoked_at = Some(now.unwrap_or_default());
            let mut set = redis::cmd("HSET");
            set.arg(self.key(API_KEYS)).arg(id).arg(text(&key));
            set.exec_async(&mut self.connection()).await?;
        }
        Ok(Some(key))
    }
}

fn text(key: &ApiKey) -> String {
    serde_json::to_string(key).unwrap_or_default()
}

fn read(id: &str, key: &[u8]) -> Result<ApiKey, Error> {
    serde_json::from_slice(key).map_err(|_| Error::Unreadable {
        what: "the API key",
        id: id.to_owned(),
    })
}
