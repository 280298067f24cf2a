//! `/v1/admin/tenants`: tenants, what waits in their inboxes, and how fast it is accepted.

use axum::{Json, extract::State};
use jiff::Timestamp;
use kyc_domain::Tenant;
use kyc_queue::{Change, Rate, Role, TenantInbox};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::fields::Fields;
use crate::{
    Gateway,
    caller::Caller,
    extract::Segment,
    problem::{Kind, Problem},
};

/// All tenants with an inbox.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TenantList)]
pub(crate) struct List {
    /// `default` first, then by name.
    tenants: Vec<Inbox>,
}

/// A tenant's inbox.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tenant)]
pub(crate) struct Inbox {
    /// The tenant.
    #[schema(example = "acme")]
    tenant: String,
    /// Entries that no worker has accepted yet.
    waiting: u64,
    /// How many of them are accepted in a period at most; missing if that is not limited.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "50/s")]
    accept: Option<String>,
    /// Until when that rate lets none through; missing if they wait for a worker.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    limited_until: Option<Timestamp>,
}

/// What to set of a tenant.
#[derive(ToSchema)]
#[schema(as = TenantSettings, example = json!({ "accept": "50/s" }))]
#[expect(dead_code, reason = "names the fields in the document of the API")]
pub(crate) struct Settings {
    /// How many jobs of its inbox are accepted in a period, such as `50/s`; `null` removes the limit; as it was if it is missing.
    accept: Option<String>,
}

/// Lists tenants
///
/// Those with an inbox of their own, and `default`, with what waits in each inbox.
#[utoipa::path(
    get, path = "/v1/admin/tenants", tag = "admin", operation_id = "list_tenants",
    responses(
        (status = 200, description = "all tenants", body = List),
    ),
)]
pub(crate) async fn list(
    State(gateway): State<Gateway>,
    caller: Caller,
) -> Result<Json<List>, Problem> {
    caller.operator(Role::Operate)?;
    let inboxes = gateway.queue().inboxes().await?;
    let tenants = inboxes.into_iter().map(Inbox::of).collect();
    Ok(Json(List { tenants }))
}

/// Adds a tenant, or sets its rate
///
/// The tenant gets an inbox of its own if it has none. Needs the role `admin`.
#[utoipa::path(
    put, path = "/v1/admin/tenants/{tenant}", tag = "admin", operation_id = "set_tenant",
    params(("tenant" = String, Path, description = "1 to 64 of a-z, 0-9, - and _", example = "acme")),
    request_body = Option<Settings>,
    responses(
        (status = 200, description = "the tenant", body = Inbox),
    ),
)]
pub(crate) async fn put(
    State(gateway): State<Gateway>,
    caller: Caller,
    Segment(name): Segment,
    mut fields: Fields,
) -> Result<Json<Inbox>, Problem> {
    let key = caller.operator(Role::Admin)?;
    let tenant = Tenant::parse(&name).map_err(|fault| {
        let detail = format!("the tenant {}", fault.problem);
        Problem::new(Kind::INVALID_REQUEST, detail, fault.remedy)
    })?;
    let accept = accept(&mut fields);
    fields.end()?;
    let queue = gateway.queue();
    // Before the tenant, so that workers do not read its inbox faster at first.
    match accept {
        Change::Stays => {}
        Change::Goes => queue.set_acceptance(tenant.as_str(), None).await?,
        Change::Is(rate) => queue.set_acceptance(tenant.as_str(), Some(rate)).await?,
    }
    let is_new = tenant != Tenant::default() && queue.add_tenant(tenant.as_str()).await?;
    let inboxes = queue.inboxes().await?;
    let own = inboxes
        .into_iter()
        .find(|inbox| inbox.tenant == tenant.as_str());
    let own = own.ok_or_else(|| Problem::internal("the tenant is missing"))?;
    let own = Inbox::of(own);
    tracing::info!(
        key,
        tenant = tenant.as_str(),
        is_new,
        accept = own.accept,
        "Set a tenant over the API"
    );
    Ok(Json(own))
}

fn accept(fields: &mut Fields) -> Change<Rate> {
    match fields.take("accept") {
        None => Change::Stays,
        Some(Value::Null) => Change::Goes,
        Some(value) => {
            if let Some(Ok(rate)) = value.as_str().map(str::parse::<Rate>) {
                return Change::Is(rate);
            }
            fields.wrong(
                "accept",
                "cannot be read",
                "write jobs in a period, like 50/s, or null",
            );
            Change::Stays
        }
    }
}

impl Inbox {
    fn of(inbox: TenantInbox) -> Self {
        Self {
            tenant: inbox.tenant,
            waiting: inbox.waiting,
            accept: inbox.accept.map(|rate| rate.to_string()),
            limited_until: inbox.limited_until,
        }
    }
}
