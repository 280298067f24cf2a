//! `/v1/admin/keys`: API keys. The whole key is shown once, when it is made.

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use kyc_queue::{ApiKey, Role};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::fields::Fields;
use crate::{
    Gateway, NewKey, NewKeyError,
    caller::Caller,
    extract::Segment,
    problem::{FieldError, Kind, Problem},
};

/// API keys.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KeyList)]
pub(crate) struct List {
    /// The oldest first, also those that are over.
    keys: Vec<View>,
}

/// An API key, without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Key)]
pub(crate) struct View {
    /// Its id: the 12 characters after `kyc_`.
    #[schema(example = "4fT9qLx2Zb7K")]
    id: String,
    /// `valid`, `expired` or `revoked`.
    #[schema(example = "valid")]
    state: &'static str,
    /// The tenant whose jobs it concerns; missing if it operates the queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "acme")]
    tenant: Option<String>,
    /// What its holder may do: `submit`, `read`, `reveal`, `operate`, `admin`.
    #[schema(example = json!(["submit", "read"]))]
    roles: Vec<String>,
    /// A note for people.
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
    /// Requests in a second; missing if the server's default applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<u32>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it ends by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Timestamp>,
}

/// A new API key.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedKey)]
struct Created {
    /// The whole key. It is shown this once.
    #[schema(example = "kyc_4fT9qLx2Zb7K_…")]
    key: String,
    #[serde(flatten)]
    about: View,
}

/// A key that is to be made.
#[derive(ToSchema)]
#[schema(as = NewKey, example = json!({ "tenant": "acme", "roles": ["submit", "read"], "expires": "90d", "note": "loan app" }))]
#[expect(dead_code, reason = "names the fields in the document of the API")]
pub(crate) struct NewKeyBody {
    /// The tenant whose jobs it concerns, for `submit`, `read` and `reveal`; without it, the key operates the queue.
    tenant: Option<String>,
    /// What it may do: some of `submit`, `read`, `reveal`, or some of `operate`, `admin`.
    roles: Vec<String>,
    /// When it ends by itself, such as `90d`; never if it is missing.
    expires: Option<String>,
    /// The most requests in a second, 1 to 1,000,000; the server's default if it is missing.
    rate: Option<u32>,
    /// A note for people: at most 200 characters, without numbers of persons.
    note: Option<String>,
}

/// Lists API keys
///
/// Without their secrets. Needs the role `admin`.
#[utoipa::path(
    get, path = "/v1/admin/keys", tag = "admin", operation_id = "list_keys",
    responses(
        (status = 200, description = "all keys", body = List),
    ),
)]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
) -> Result<Json<List>, Problem> {
    caller.operator(Role::Admin)?;
    let keys = gateway.queue().api_keys().await?;
    let keys = keys.into_iter().map(View::of).collect();
    Ok(Json(List { keys }))
}

/// Makes an API key
///
/// The whole key is in this answer, and is never shown again. Needs the role `admin`.
#[utoipa::path(
    post, path = "/v1/admin/keys", tag = "admin", operation_id = "create_key", request_body = NewKeyBody,
    responses(
        (status = 201, description = "the key", body = Created),
    ),
)]
pub(crate) async fn create(
    State(gateway): State<Gateway>,
    caller: Caller,
    fields: Fields,
) -> Result<Response, Problem> {
    let by = caller.operator(Role::Admin)?;
    let mut fields = fields.required()?;
    let lasts = fields.duration("expires");
    let new = NewKey {
        tenant: fields.text("tenant"),
        roles: roles(&mut fields),
        note: fields.note("note"),
        rate: rate(&mut fields),
        expires_at: lasts.and_then(|lasts| Timestamp::now().checked_add(lasts).ok()),
    };
    fields.end()?;
    let created = new.create(gateway.queue()).await;
    let (token, key) = created.map_err(refused)?;
    tracing::info!(
        key = by,
        created = key.id,
        tenant = key.tenant,
        "Made an API key over the API"
    );
    let location = HeaderValue::from_str(&format!("/v1/admin/keys/{}", key.id));
    let created = Created {
        key: token.expose().to_string(),
        about: View::of(key),
    };
    let mut response = (StatusCode::CREATED, Json(created)).into_response();
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// Revokes an API key
///
/// Within a second no server takes it. Needs the role `admin`. Revoking it again changes nothing.
#[utoipa::path(
    delete, path = "/v1/admin/keys/{id}", tag = "admin", operation_id = "revoke_key",
    params(("id" = String, Path, description = "the 12 characters after `kyc_`", example = "4fT9qLx2Zb7K")),
    responses(
        (status = 200, description = "the key, which is over", body = View),
    ),
)]
pub(crate) async fn revoke(
    State(gateway): State<Gateway>,
    caller: Caller,
    Segment(id): Segment,
) -> Result<Json<View>, Problem> {
    let by = caller.operator(Role::Admin)?;
    let revoked = gateway.queue().revoke_api_key(&id).await?;
    let revoked = revoked.ok_or_else(|| {
        let remedy = "see the ids at /v1/admin/keys";
        Problem::new(Kind::NOT_FOUND, "there is no API key with this id", remedy)
    })?;
    tracing::info!(
        key = by,
        revoked = revoked.id,
        "Revoked an API key over the API"
    );
    Ok(Json(View::of(revoked)))
}

fn roles(fields: &mut Fields) -> Vec<Role> {
    let value = fields.take("roles").unwrap_or_default();
    let names = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let read = |name: &Value| name.as_str()?.parse::<Role>().ok();
    let roles: Option<Vec<Role>> = names.iter().map(read).collect();
    let roles = roles.filter(|roles| !roles.is_empty());
    roles.unwrap_or_else(|| {
        let remedy = "write a list of some of submit, read, reveal, operate, admin";
        fields.wrong("roles", "is no list of roles", remedy);
        Vec::new()
    })
}

fn rate(fields: &mut Fields) -> Option<u32> {
    const REMEDY: &str = "write requests in a second, 1 to 1000000";
    let rate = fields.number("rate", REMEDY)?;
    if !(1..=1_000_000).contains(&rate) {
        fields.wrong("rate", "is out of range", REMEDY);
    }
    Some(rate)
}

fn refused(error: NewKeyError) -> Problem {
    let (field, remedy) = match error {
        NewKeyError::Queue(error) => return error.into(),
        NewKeyError::Exists => return Problem::internal("a new key has the id of another one"),
        NewKeyError::NoRole => ("roles", "name at least one role"),
        NewKeyError::OfTheQueue => ("roles", "leave tenant out, or these roles"),
        NewKeyError::NoTenant => ("tenant", "name the tenant"),
        NewKeyError::Tenant(_) => ("tenant", "use 1 to 64 of a-z, 0-9, - and _"),
    };
    let fault = FieldError {
        pointer: format!("/{field}"),
        problem: error.to_string(),
        remedy: remedy.to_owned(),
    };
    Problem {
        errors: vec![fault],
        ..Problem::new(Kind::INVALID_BODY, error.to_string(), remedy)
    }
}

impl View {
    fn of(key: ApiKey) -> Self {
        let state = match key.revoked_at {
            Some(_) => "revoked",
            None if key.is_valid_at(Timestamp::now()) => "valid",
            None => "expired",
        };
        Self {
            id: key.id,
            state,
            tenant: key.tenant,
            roles: key
                .roles
                .iter()
                .map(|role| role.as_str().to_owned())
                .collect(),
            note: key.note,
            rate: key.rate,
            created_at: key.created_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
        }
    }
}
