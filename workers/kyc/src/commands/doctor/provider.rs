//! Checks whether the provider answers, and whether it really is the provider's API. The checks cost nothing, because no
//! request carries the token.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use reqwest::{Client, Response};
use serde_json::Value;

use crate::settings::Settings;

/// Connects to the provider and requests its root, which is not a call of the API. Any answer is accepted, except that of a
/// sandbox that is not allowed.
pub(crate) async fn reach(settings: &Settings) -> Result<()> {
    let answer = client(settings)?.head(settings.radius_url()?).send().await;
    is_sandbox(&reached(answer)?, settings).map(drop)
}

/// Returns whether a sandbox answers, which is an error unless it is allowed.
fn is_sandbox(answer: &Response, settings: &Settings) -> Result<bool> {
    let sandbox = answer.headers().contains_key("x-sandbox");
    ensure!(
        !sandbox || settings.allow_sandbox()?,
        "a SANDBOX answers, in which every person is made up: check KYC_RADIUS_URL, or set KYC_ALLOW_SANDBOX=true"
    );
    Ok(sandbox)
}

/// Requests a path of the API without the token, so that it can only be refused, and checks that the answer has the API's
/// own envelope. Returns whether it is a sandbox.
pub(super) async fn answers(settings: &Settings) -> Result<bool> {
    let base = settings.radius_url()?;
    let path = radius_api::Request::bvn(NOBODY)?;
    let url = format!("{}{}", base.trim_end_matches('/'), path.path_and_query());
    let ask = client(settings)?.get(url);
    let mut answer = reached(ask.header("accept", "application/json").send().await)?;
    let status = answer.status().as_u16();
    let sandbox = is_sandbox(&answer, settings)?;
    let body = start_of(&mut answer).await;
    if let Some(said) = stranger(status, &body) {
        bail!(
            "something other than the API answers: check KYC_RADIUS_URL ({said}, status {status})"
        );
    }
    Ok(sandbox)
}

/// A number that belongs to nobody.
const NOBODY: &str = "00000000000";

fn client(settings: &Settings) -> Result<Client> {
    let config = settings.radius()?;
    let mut client = Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(config.connect_timeout)
        .timeout(Duration::from_secs(10));
    for pem in &config.extra_roots {
        for root in reqwest::Certificate::from_pem_bundle(pem)? {
            client = client.add_root_certificate(root);
        }
    }
    Ok(client.build()?)
}

fn reached(answer: reqwest::Result<Response>) -> Result<Response> {
    answer
        .map_err(reqwest::Error::without_url)
        .context("the provider cannot be reached; check KYC_RADIUS_URL and the network")
}

/// More than the size of any refusal.
const LARGEST: usize = 256 << 10;

/// Reads as much of the body as comes. A body that is cut off is not an envelope either.
async fn start_of(answer: &mut Response) -> Vec<u8> {
    let mut body = Vec::new();
    while body.len() < LARGEST
        && let Ok(Some(part)) = answer.chunk().await
    {
        body.extend_from_slice(&part);
    }
    body
}

/// Describes an answer that is not the API's. Only an answer in the API's own envelope comes from the API.
fn stranger(status: u16, body: &[u8]) -> Option<&'static str> {
    if (300..400).contains(&status) {
        return Some("a redirect");
    }
    let body = body
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(body)
        .trim_ascii();
    if body.is_empty() {
        return Some("nothing but a status");
    }
    match serde_json::from_slice::<Value>(body) {
        Ok(Value::Object(object)) => {
            let said = object.get("status");
            // Frameworks write the HTTP status into this field when a path is missing.
            let is_word = said.is_some_and(|said| match said {
                Value::String(word) => !word.trim().is_empty(),
                Value::Bool(_) => true,
                Value::Number(number) => number.as_u64().is_some_and(|n| n < 300),
                _ => false,
            });
            let is_envelope = ["message", "data"]
                .iter()
                .any(|name| object.contains_key(*name));
            match (is_word, is_envelope) {
                (true, true) => None,
                (true, false) => Some("JSON without message and data"),
                (false, _) => Some("JSON without the API's status"),
            }
        }
        Ok(_) => Some("JSON that is no object"),
        Err(_) if body.starts_with(b"<") => Some("a page"),
        Err(_) => Some("text that is not JSON"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_api_s_own_envelope_is_its_word() {
        for (status, body, said) in [
            (
                401,
                r#"{"status":"error","message":"Unauthenticated"}"#,
                None,
            ),
            (
                404,
                r#"{"status":"error","message":"Record not found","data":null}"#,
                None,
            ),
            (
                200,
                r#"{"status":"success","message":null,"data":{"type":"response"}}"#,
                None,
            ),
            (
                400,
                r#"{"status":false,"message":"Invalid","data":null}"#,
                None,
            ),
            (200, "\u{feff}{\"status\":\"success\",\"data\":null}", None),
            (
                404,
                r#"{"message":""}"#,
                Some("JSON without the API's status"),
            ),
            (
                404,
                r#"{"message":"no Route matched with those values"}"#,
                Some("JSON without the API's status"),
            ),
            (
                401,
                r#"{"message":"No API key found in request"}"#,
                Some("JSON without the API's status"),
            ),
            (
                404,
                r#"{"timestamp":"x","status":404,"error":"Not Found","message":"","path":"/"}"#,
                Some("JSON without the API's status"),
            ),
            (
                404,
                r#"{"type":"about:blank","title":"Not Found","status":404}"#,
                Some("JSON without the API's status"),
            ),
            (
                200,
                r#"{"status":"ok"}"#,
                Some("JSON without message and data"),
            ),
            (
                200,
                r#"{"status":"","message":"x"}"#,
                Some("JSON without the API's status"),
            ),
            (404, "404 page not found\n", Some("text that is not JSON")),
            (404, "default backend - 404", Some("text that is not JSON")),
            (
                200,
                " <!doctype html><h1>Scheduled maintenance</h1>",
                Some("a page"),
            ),
            (403, "<title>Just a moment...</title>", Some("a page")),
            (404, "", Some("nothing but a status")),
            (200, "[]", Some("JSON that is no object")),
            (
                302,
                r#"{"status":"error","message":"x"}"#,
                Some("a redirect"),
            ),
        ] {
            assert_eq!(stranger(status, body.as_bytes()), said, "{status} {body}");
        }
    }
}
