//! Making API keys, over the API and on the command line.

use jiff::Timestamp;
use kyc_domain::{Fault, Tenant};
use kyc_queue::{ApiKey, Queue, Role};

use crate::Token;

/// A key that is to be made.
#[derive(Clone, Debug, Default)]
pub struct NewKey {
    /// The tenant whose jobs it concerns; `None` for a key that operates the queue.
    pub tenant: Option<String>,
    /// What its holder may do.
    pub roles: Vec<Role>,
    /// A note for people.
    pub note: String,
    /// Requests in a second; `None` for the server's default.
    pub rate: Option<u32>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

/// Why a key was not made.
#[derive(Debug, thiserror::Error)]
pub enum NewKeyError {
    /// It has no role.
    #[error("a key has at least one role")]
    NoRole,
    /// It has a tenant, and a role that concerns the whole queue.
    #[error(
        "the roles operate and admin concern the whole queue: create another key for them, without a tenant"
    )]
    OfTheQueue,
    /// It has no tenant, and a role that concerns the jobs of one.
    #[error("the tenant is missing: submit, read and reveal concern the jobs of one tenant")]
    NoTenant,
    /// The name of the tenant is none.
    #[error("the tenant {}: {}", .0.problem, .0.remedy)]
    Tenant(Fault),
    /// Another key has its id.
    #[error("an API key with this id exists; try again")]
    Exists,
    /// The queue cannot be reached.
    #[error(transparent)]
    Queue(#[from] kyc_queue::Error),
}

impl NewKey {
    /// Makes the key and stores it. Returns its text, to be shown once, and what is stored of it. Its tenant gets an inbox if it has
    /// none, since its jobs go there.
    ///
    /// # Errors
    ///
    /// [`NewKeyError`], and nothing is stored.
    pub async fn create(self, queue: &Queue) -> Result<(Token, ApiKey), NewKeyError> {
        let roles = roles(self.roles, self.tenant.is_some())?;
        let tenant = self.tenant.as_deref().map(Tenant::parse).transpose();
        let tenant = tenant.map_err(NewKeyError::Tenant)?;
        if let Some(tenant) = tenant.filter(|tenant| *tenant != Tenant::default()) {
            queue.add_tenant(tenant.as_str()).await?;
        }
        let token = Token::generate();
        let key = ApiKey {
            id: token.id().to_owned(),
            secret_hash: token.secret_hash(),
            tenant: self.tenant,
            roles,
            note: self.note,
            rate: self.rate,
            created_at: Timestamp::now(),
            expires_at: self.expires_at,
            revoked_at: None,
        };
        if !queue.add_api_key(&key).await? {
            return Err(NewKeyError::Exists);
        }
        Ok((token, key))
    }
}

/// Returns the roles, each once, if they fit together.
fn roles(mut roles: Vec<Role>, has_tenant: bool) -> Result<Vec<Role>, NewKeyError> {
    roles.sort_unstable();
    roles.dedup();
    let of_the_queue = roles.iter().filter(|role| role.is_of_the_queue()).count();
    match has_tenant {
        _ if roles.is_empty() => Err(NewKeyError::NoRole),
        true if of_the_queue > 0 => Err(NewKeyError::OfTheQueue),
        false if of_the_queue < roles.len() => Err(NewKeyError::NoTenant),
        _ => Ok(roles),
    }
}
