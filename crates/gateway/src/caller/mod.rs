//! Who calls: API keys are checked, counted against their rate, and bound to a tenant.

mod failures;
mod known;
mod rate;
mod token;

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use kyc_queue::Role;
use kyc_vault::IndexKey;
use tokio::sync::OwnedSemaphorePermit;

pub(crate) use token::random;
pub use token::{NotAToken, Token};

pub(crate) use known::Callers;
use known::{Known, MOST_STREAMS};

use crate::{
    Gateway,
    client::Client,
    problem::{Kind, Problem},
};

/// Seconds after which another stream may have ended.
const STREAM_ENDS: u32 = 10;

/// The caller of a request: the holder of a valid API key.
#[derive(Clone)]
pub(crate) struct Caller {
    known: Arc<Known>,
    token: Token,
}

impl Caller {
    /// Returns the tenant whose jobs the caller may see.
    ///
    /// # Errors
    ///
    /// A key that operates the queue has no tenant, and a key without one of the roles may not do this.
    pub(crate) fn tenant(&self, roles: &[Role]) -> Result<&str, Problem> {
        self.require(roles)?;
        self.known.key.tenant.as_deref().ok_or_else(|| {
            Problem::new(
                Kind::FORBIDDEN,
                "this API key operates the queue, and has no tenant",
                "use a key that was created with --tenant",
            )
        })
    }

    /// Checks that the caller has this role for the whole queue. Returns the id of its key, for the log.
    ///
    /// # Errors
    ///
    /// A key of a tenant has no such role, whatever is stored of it.
    pub(crate) fn operator(&self, role: Role) -> Result<&str, Problem> {
        if self.known.key.tenant.is_some() {
            return Err(forbidden(&[role]));
        }
        self.require(&[role])?;
        Ok(&self.known.key.id)
    }

    /// Checks that the caller has one of these roles.
    pub(crate) fn require(&self, roles: &[Role]) -> Result<(), Problem> {
        if roles.iter().any(|role| self.known.key.has(*role)) {
            return Ok(());
        }
        Err(forbidden(roles))
    }

    /// Returns whether the caller may see personal data.
    pub(crate) fn reveals(&self) -> bool {
        self.known.key.has(Role::Reveal)
    }

    /// Takes a place for a stream of events. It is free again once it is dropped.
    ///
    /// # Errors
    ///
    /// All places of the API key are taken.
    pub(crate) fn stream(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let place = Arc::clone(&self.known.streams).try_acquire_owned();
        place.map_err(|_| Problem {
            retry_after: Some(STREAM_ENDS),
            ..Problem::new(
                Kind::TOO_MANY_REQUESTS,
                format!("this API key follows events {MOST_STREAMS} times already"),
                "read events in one place, and pass them on there",
            )
        })
    }

    /// Returns whether the API key is still valid, and has one of these roles. It is, while the queue cannot be reached.
    pub(crate) async fn is_still_valid(&self, gateway: &Gateway, roles: &[Role]) -> bool {
        // The end of a key is nobody's guess at another.
        let callers = gateway.callers();
        let found = callers.find(gateway.queue(), &self.token, failures::NOBODY);
        let Ok(known) = found.await else {
            return true;
        };
        known.is_some_and(|known| {
            known.key.is_valid_at(jiff::Timestamp::now())
                && roles.iter().any(|role| known.key.has(*role))
        })
    }

    /// Returns the key of the indexes of the caller's idempotency keys.
    pub(crate) fn index_key(&self) -> IndexKey {
        self.token.index_key()
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // The layer puts it there for every route under /v1.
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| unauthenticated("is missing"))
    }
}

/// Checks the API key of a request, and counts the request against its rate.
pub(crate) async fn authenticate(
    State(gateway): State<Gateway>,
    mut request: Request,
    next: Next,
) -> Response {
    let client = request.extensions().get::<Client>().copied();
    let client = client.unwrap_or(failures::NOBODY);
    let caller = match identify(&gateway, request.headers(), client).await {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    let counted = caller.known.rate.count();
    let mut response = match &counted {
        Ok(_) => {
            request.extensions_mut().insert(caller.clone());
            next.run(request).await
        }
        Err(over) => over.problem().into_response(),
    };
    caller.known.rate.describe(&counted, response.headers_mut());
    response
}

async fn identify(
    gateway: &Gateway,
    headers: &HeaderMap,
    client: Client,
) -> Result<Caller, Problem> {
    let given = headers.get(header::AUTHORIZATION);
    let given = given.ok_or_else(|| unauthenticated("is missing"))?;
    let bearer = given.to_str().ok().and_then(|text| {
        let (scheme, token) = text.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then_some(token.trim())
    });
    let bearer = bearer.ok_or_else(|| unauthenticated("is not a bearer token"))?;
    let token: Token = bearer
        .parse()
        .map_err(|_| unauthenticated("holds no whole API key"))?;
    let callers = gateway.callers();
    let known = callers.find(gateway.queue(), &token, client).await?;
    // A wrong secret and a key that is over have one answer.
    let known = known.filter(|known| known.key.is_valid_at(jiff::Timestamp::now()));
    let known = known.ok_or_else(|| unauthenticated("is not valid, has expired or was revoked"))?;
    Ok(Caller { known, token })
}

fn forbidden(roles: &[Role]) -> Problem {
    let names: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
    let needed = names.join(" or ");
    Problem::new(
        Kind::FORBIDDEN,
        format!("this needs the role {needed}"),
        format!("use a key that was created with --role {}", names[0]),
    )
}

fn unauthenticated(what: &str) -> Problem {
    Problem::new(
        Kind::UNAUTHENTICATED,
        format!("the header Authorization {what}"),
        "send: Authorization: Bearer kyc_…, with a key of `kyc keys api create`",
    )
}
