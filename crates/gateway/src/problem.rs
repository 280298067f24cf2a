//! Errors of the API: problem details by RFC 9457, each with a remedy.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use kyc_domain::Refusals;
use serde::Serialize;
use utoipa::ToSchema;

/// What went wrong, and how to correct it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "urn:kyc:problem:invalid-job", "title": "The job was refused.", "status": 422,
    "detail": "bvn has 10 digits; a BVN has 11 digits",
    "errors": [{ "pointer": "/bvn", "problem": "has 10 digits", "remedy": "a BVN has 11 digits" }],
}))]
pub struct Problem {
    /// What kind of problem it is: stable, to be compared by programs.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The same for people.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What happened here, in a sentence.
    #[schema(value_type = String)]
    pub detail: Box<str>,
    /// How to correct it.
    #[schema(value_type = String)]
    pub remedy: Box<str>,
    /// For a refused body: each fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Seconds after which it makes sense to try again; also in the header `Retry-After`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
    /// The id of this request, for whoever reads the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub request_id: Option<Box<str>>,
}

/// A fault of one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Where the field is: a JSON pointer (RFC 6901) into the body.
    pub pointer: String,
    /// What is wrong, without the value.
    pub problem: String,
    /// How to correct it.
    pub remedy: String,
}

/// A kind of problem: its name in `type`, its status and its title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The value of `type`.
    pub name: &'static str,
    /// The HTTP status.
    pub status: StatusCode,
    /// The title.
    pub title: &'static str,
}

macro_rules! kinds {
    ($($name:ident = $text:literal, $status:ident, $title:literal;)*) => {
        impl Kind {
            $(
                #[doc = $title]
                pub const $name: Self = Self { name: concat!("urn:kyc:problem:", $text), status: StatusCode::$status, title: $title };
            )*
            /// All kinds of problems.
            pub const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}

kinds! {
    INVALID_JOB = "invalid-job", UNPROCESSABLE_ENTITY, "The job was refused.";
    INVALID_REQUEST = "invalid-request", BAD_REQUEST, "The request cannot be read.";
    UNAUTHENTICATED = "unauthenticated", UNAUTHORIZED, "The API key is missing or not valid.";
    FORBIDDEN = "forbidden", FORBIDDEN, "The API key may not do this.";
    NOT_FOUND = "not-found", NOT_FOUND, "There is nothing here.";
    METHOD_NOT_ALLOWED = "method-not-allowed", METHOD_NOT_ALLOWED, "This address does not take this method.";
    IDEMPOTENCY_CONFLICT = "idempotency-conflict", CONFLICT, "The idempotency key was used for another job.";
    WRONG_STATE = "wrong-state", CONFLICT, "The verification is not in a state that allows this.";
    TOO_SLOW = "too-slow", REQUEST_TIMEOUT, "The body took too long to arrive.";
    TOO_LARGE = "too-large", PAYLOAD_TOO_LARGE, "The body is too large.";
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "The body has another media type.";
    TOO_MANY_REQUESTS = "too-many-requests", TOO_MANY_REQUESTS, "Too many requests were sent.";
    UNAVAILABLE = "unavailable", SERVICE_UNAVAILABLE, "The queue cannot be reached.";
    NO_KEYS = "no-keys", NOT_IMPLEMENTED, "This server has no keys to show personal data.";
    INTERNAL = "internal", INTERNAL_SERVER_ERROR, "The server failed.";
}

/// Seconds after which a client should try again when the queue was out of reach.
const SOON: u32 = 2;

impl Problem {
    /// A problem with a sentence about this request, and a remedy.
    pub fn new(kind: Kind, detail: impl Into<Box<str>>, remedy: impl Into<Box<str>>) -> Self {
        Self {
            kind: kind.name,
            title: kind.title,
            status: kind.status.as_u16(),
            detail: detail.into(),
            remedy: remedy.into(),
            errors: Vec::new(),
            retry_after: None,
            request_id: None,
        }
    }

    /// A job that was refused.
    pub fn refused(refusals: &Refusals) -> Self {
        let errors = refusals.iter().map(|refusal| FieldError {
            pointer: pointer(&refusal.field),
            problem: refusal.problem.clone(),
            remedy: refusal.remedy.clone(),
        });
        Self {
            errors: errors.collect(),
            ..Self::new(
                Kind::INVALID_JOB,
                refusals.to_string(),
                "correct the fields in errors, and send the job again",
            )
        }
    }

    /// Nothing that this caller may see has this id. It does not tell whether another tenant has it.
    pub fn no_verification() -> Self {
        Self::new(
            Kind::NOT_FOUND,
            "there is no verification with this id, or it is not yours",
            "use the id that the server answered with when the job was submitted",
        )
    }

    /// The fault is the server's.
    pub fn internal(detail: &str) -> Self {
        Self::new(
            Kind::INTERNAL,
            detail,
            "ask the operators, with the request id",
        )
    }

    /// The queue cannot be reached.
    pub fn unavailable() -> Self {
        Self {
            retry_after: Some(SOON),
            ..Self::new(
                Kind::UNAVAILABLE,
                "the queue does not answer at the moment",
                "send the request again later, with the same idempotency key",
            )
        }
    }
}

/// Returns the JSON pointer of a field such as `claims.last_name`. The whole body is the empty pointer.
fn pointer(field: &str) -> String {
    if field == "job" {
        return String::new();
    }
    let parts = field.split('.');
    let escaped = parts.map(|part| format!("/{}", part.replace('~', "~0").replace('/', "~1")));
    escaped.collect()
}

impl From<kyc_queue::Error> for Problem {
    fn from(error: kyc_queue::Error) -> Self {
        use kyc_queue::Error;
        if matches!(
            error,
            Error::Unreadable { .. }
                | Error::Changed { .. }
                | Error::Sealed(_)
                | Error::CannotSeal(_)
        ) {
            tracing::error!(%error, "What is stored cannot be read");
            return Self::internal("what is stored cannot be read");
        }
        tracing::warn!(%error, "Could not ask the queue");
        Self::unavailable()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.retry_after;
        let mut response = (status, Json(self.clone())).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // The layer that knows the request's id writes it into the body.
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_has_a_pointer() {
        assert_eq!(pointer("claims.last_name"), "/claims/last_name");
        assert_eq!(pointer("a/b~c"), "/a~1b~0c");
        assert_eq!(pointer("job"), "");
    }

    #[test]
    fn no_two_kinds_have_one_name() {
        let mut names: Vec<_> = Kind::ALL.iter().map(|kind| kind.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Kind::ALL.len());
    }
}
