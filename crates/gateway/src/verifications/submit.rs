//! `POST /v1/verifications`: takes a job.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use kyc_domain::{Refusals, Request, Sensitive, terms::Tenant};
use kyc_queue::{EnqueueError, Enqueued, Role};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    view::View,
    wait::{self, Wait},
};
use crate::{
    Gateway,
    caller::Caller,
    extract::{Body, Params},
    problem::{Kind, Problem},
};

/// A job: the kind, its number, and what that kind takes. Unknown fields are refused by name.
#[derive(ToSchema)]
#[schema(as = Job, example = json!({
    "kind": "bvn", "bvn": "22212345061", "reference": "loan-1", "claims": { "last_name": "Okafor", "date_of_birth": "1986-01-20" }
}))]
#[expect(dead_code, reason = "describes the body in the document of the API")]
pub(crate) struct Job {
    /// What is verified, and how.
    #[schema(value_type = KindName)]
    kind: String,
    /// Of `bvn`: 11 digits.
    bvn: Option<String>,
    /// Of `nin`: 11 digits.
    nin: Option<String>,
    /// Of `nin_phone`: a Nigerian mobile number.
    phone: Option<String>,
    /// Of `cac`: 1 to 10 digits, with or without RC, BN, IT, LP, LLP. Needs `company_name`.
    rc_number: Option<String>,
    /// Of `cac`: the name of the company.
    company_name: Option<String>,
    /// Of `drivers_license`: three letters, then 6 to 12 letters or digits.
    license_number: Option<String>,
    /// Of `passport`: a letter and 8 digits. Needs `first_name`, `last_name` and `date_of_birth`.
    passport_number: Option<String>,
    /// Of `passport`.
    first_name: Option<String>,
    /// Of `passport`.
    last_name: Option<String>,
    /// Of `passport`: like `1986-01-20`.
    date_of_birth: Option<String>,
    /// The values of the person to compare with the record; which ones depends on the kind.
    #[schema(value_type = Option<Object>)]
    claims: Option<Value>,
    /// Your own id, at most 128 characters. It is stored in plain text, so it must not contain the number.
    #[schema(max_length = 128)]
    reference: Option<String>,
    /// `high`, `normal` or `low`.
    priority: Option<String>,
    /// The same as the header `Idempotency-Key`.
    idempotency_key: Option<String>,
    /// The job does not start before this time.
    #[schema(format = DateTime)]
    not_before: Option<String>,
    /// After this time the job makes no more calls.
    #[schema(format = DateTime)]
    deadline: Option<String>,
    /// The most attempts, 1 to 100.
    #[schema(minimum = 1, maximum = 100)]
    max_attempts: Option<u32>,
    /// What the check is for.
    purpose: Option<String>,
    /// `true`: call the provider even if an answer could be reused.
    fresh: Option<bool>,
    /// The subject's consent: `obtained_at` and `reference`.
    #[schema(value_type = Option<Object>)]
    consent: Option<Value>,
}

/// The kinds of verifications.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "names the kinds in the document of the API")]
enum KindName {
    Bvn,
    Nin,
    NinPhone,
    Cac,
    DriversLicense,
    Passport,
}

/// A job that was taken.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "id": "01J9ZQ3V5T8Y6K2M4N7P0R1S2T", "existing": false }))]
pub(crate) struct Submitted {
    /// The id of the verification.
    id: String,
    /// Whether the same job had been submitted before, with the same idempotency key.
    existing: bool,
}

/// Submits a job
///
/// Once this answers 202, the job is not lost. The tenant is that of the API key. With `wait`, an API key that may also read gets the
/// verification itself, with status 200, if it ends in time.
#[utoipa::path(
    post, path = "/v1/verifications", tag = "verifications",
    params(Wait, ("Idempotency-Key" = Option<String>, Header, description = "your own name of this job: a second request with the same name and job gets the first answer again, and makes no second job")),
    request_body(content = Job, content_type = "application/json"),
    responses(
        (status = 200, description = "the job was taken, and has ended", body = View, headers(("Location" = String, description = "the address of the verification"))),
        (status = 202, description = "the job was taken", body = Submitted, headers(("Location" = String, description = "the address of the verification"))),
        (status = 409, description = "`urn:kyc:problem:idempotency-conflict`: the idempotency key was used for another job"),
    ),
)]
pub(crate) async fn submit(
    State(gateway): State<Gateway>,
    caller: Caller,
    Params(wait): Params<Wait>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, Problem> {
    let tenant = caller.tenant(&[Role::Submit])?;
    let time = wait.time()?;
    if !time.is_zero() {
        caller.require(&[Role::Read, Role::Reveal])?;
    }
    let request = read(&gateway, tenant, &headers, &body)?;
    let submitted = gateway.queue().submit(&request, &caller.index_key()).await;
    let taken = submitted.map_err(|error| match error {
        EnqueueError::Conflict { id } => Problem::new(
            Kind::IDEMPOTENCY_CONFLICT,
            format!("the idempotency key was used for another job ({id})"),
            "use a new key for a new job, or send the same job",
        ),
        EnqueueError::Queue(error) => error.into(),
    })?;
    // It was taken, whatever happens while its end is waited for.
    let ended = match time.is_zero() {
        true => None,
        false => wait::ended(&gateway, tenant, taken.id, time, caller.reveals())
            .await
            .ok(),
    };
    let mut response = match ended.filter(View::has_ended) {
        Some(view) => Json(view).into_response(),
        None => (StatusCode::ACCEPTED, Json(Submitted::of(taken))).into_response(),
    };
    let location = format!("/v1/verifications/{}", taken.id);
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

impl Submitted {
    fn of(taken: Enqueued) -> Self {
        Self {
            id: taken.id.to_string(),
            existing: taken.existing,
        }
    }
}

/// Reads a job for the tenant of the caller.
fn read(
    gateway: &Gateway,
    tenant: &str,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Request, Problem> {
    let parsed = kyc_kinds::parse(body, gateway.rules());
    let mut request = parsed.map_err(|refusals| Problem::refused(&refusals))?;
    of_tenant(&mut request, tenant).map_err(|refusals| Problem::refused(&refusals))?;
    let Some(key) = idempotency_key(headers)? else {
        return Ok(request);
    };
    let terms = &mut request.terms;
    if terms
        .idempotency_key
        .as_ref()
        .is_some_and(|own| own.expose() != key)
    {
        return Err(Problem::new(
            Kind::INVALID_REQUEST,
            "the header Idempotency-Key is not the idempotency_key of the job",
            "send one of them",
        ));
    }
    terms.idempotency_key = Some(Sensitive::new(key.to_owned()));
    Ok(request)
}

/// Gives a job the tenant of its caller.
pub(crate) fn of_tenant(request: &mut Request, tenant: &str) -> Result<(), Refusals> {
    let terms = &mut request.terms;
    if terms.tenant != Tenant::default() && terms.tenant.as_str() != tenant {
        let problem = format!("is not {tenant}, the tenant of this API key");
        return Err(Refusals::one("tenant", &problem, "leave it out"));
    }
    // The tenant of an API key was checked when the key was created.
    terms.tenant = Tenant::parse(tenant)
        .map_err(|fault| Refusals::one("tenant", &fault.problem, &fault.remedy))?;
    Ok(())
}

/// Returns the idempotency key of the headers.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(key) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let key = key
        .to_str()
        .ok()
        .filter(|key| (1..=200).contains(&key.len()) && !key.contains(char::is_control));
    key.map(Some).ok_or_else(|| {
        Problem::new(
            Kind::INVALID_REQUEST,
            "the header Idempotency-Key is not 1 to 200 printable characters of ASCII",
            "use a text of your own, such as a UUID or the name of the file",
        )
    })
}
