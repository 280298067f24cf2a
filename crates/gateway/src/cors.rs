//! Which pages may call the API from a browser (CORS): those of listed origins, and no others.

use std::{convert::Infallible, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderName, HeaderValue, Method, header},
    response::Response,
};
use tower::{Layer, ServiceExt, service_fn};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// How long a browser may remember the answer to a preflight.
const REMEMBERED: Duration = Duration::from_secs(600);

/// The origins whose pages may call the API.
#[derive(Clone, Debug, Default)]
pub struct Origins(Vec<HeaderValue>);

impl Origins {
    /// Reads origins, such as `https://app.example.com`: a scheme, a host and perhaps a port.
    ///
    /// # Errors
    ///
    /// The first text that is none, such as `*`.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, &'a str> {
        let read = |text: &'a str| {
            let value = HeaderValue::from_str(text).ok();
            value.filter(|_| is_origin(text)).ok_or(text)
        };
        texts
            .into_iter()
            .map(read)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Lets pages of these origins call the routes. Without any, the routes stay as they are.
    pub(crate) fn around(&self, routes: Router) -> Router {
        if self.0.is_empty() {
            return routes;
        }
        let open = self.layer().layer(routes.clone());
        let origins = self.0.clone();
        Router::new().fallback_service(service_fn(move |request: Request| {
            let is_listed = request
                .headers()
                .get(header::ORIGIN)
                .is_some_and(|origin| origins.contains(origin));
            let (open, routes) = (open.clone(), routes.clone());
            async move {
                if is_listed && is_for_cors(&request) {
                    return open.oneshot(request).await;
                }
                let mut response: Response = routes.oneshot(request).await?;
                let vary = HeaderValue::from_static("origin");
                response.headers_mut().append(header::VARY, vary);
                Ok::<_, Infallible>(response)
            }
        }))
    }

    /// The header fields of the answers. API keys are no credentials in the sense of CORS: a page sends them itself.
    fn layer(&self) -> CorsLayer {
        let exposed = [
            header::LOCATION,
            header::RETRY_AFTER,
            HeaderName::from_static("ratelimit"),
            HeaderName::from_static("ratelimit-policy"),
            HeaderName::from_static("x-request-id"),
            HeaderName::from_static("deprecation"),
        ];
        let allowed = [
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("last-event-id"),
            HeaderName::from_static("x-request-id"),
        ];
        let methods = [
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ];
        CorsLayer::new()
            .allow_origin(AllowOrigin::list(self.0.clone()))
            .allow_methods(methods)
            .allow_headers(allowed)
            .expose_headers(exposed)
            .max_age(REMEMBERED)
    }
}

/// Returns whether it is no `OPTIONS`, or a preflight: a mere `OPTIONS` asks for something else.
fn is_for_cors(request: &Request<Body>) -> bool {
    request.method() != Method::OPTIONS
        || request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Returns whether a browser could send this text as an origin.
fn is_origin(text: &str) -> bool {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let allowed = |byte: u8| {
        byte.is_ascii_lowercase()
            || byte.is_ascii_digit()
            || matches!(byte, b'.' | b'-' | b':' | b'[' | b']')
    };
    host.is_some_and(|host| !host.is_empty() && host.bytes().all(allowed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_exact() {
        for good in [
            "https://app.example.com",
            "http://localhost:3000",
            "http://[::1]:8080",
        ] {
            assert!(Origins::parse([good]).is_ok(), "{good}");
        }
        for wrong in [
            "*",
            "null",
            "https://",
            "app.example.com",
            "https://*.example.com",
            "https://app.example.com/",
            "https://App.example.com",
            "https://a@b",
            "ftp://a",
        ] {
            assert_eq!(Origins::parse([wrong]).err(), Some(wrong));
        }
    }
}
