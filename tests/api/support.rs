//! A server of the API, and requests to it.

use std::process::Stdio;

use kyc_tests::{Program, World};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

/// A number with a record in the sandbox.
pub(crate) const BVN: &str = "22212345061";

/// A running server.
pub(crate) struct Api {
    pub(crate) server: Program,
    pub(crate) address: String,
    http: reqwest::Client,
}

/// An answer of the API.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Api {
    /// Starts a server with additional settings.
    pub(crate) async fn start(world: &World, settings: &[(&str, &str)]) -> Self {
        let mut command = world.kyc(["--json", "serve", "--until-stdin-ends"]);
        command.env("KYC_SERVE_LISTEN", "127.0.0.1:0");
        for (key, value) in settings {
            command.env(format!("KYC_{}", key.to_uppercase()), value);
        }
        let mut server = world.start("server", command.stdout(Stdio::piped()));
        let line: Value = serde_json::from_str(&server.first_line().await).unwrap();
        let address = line["address"].as_str().unwrap().to_owned();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            server,
            address,
            http,
        }
    }

    /// Begins a request with an API key.
    pub(crate) fn request(&self, method: Method, path: &str, key: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.address));
        if key.is_empty() {
            request
        } else {
            request.bearer_auth(key)
        }
    }

    pub(crate) async fn get(&self, path: &str, key: &str) -> Answer {
        Answer::of(self.request(Method::GET, path, key)).await
    }

    pub(crate) async fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        let request = self.request(Method::POST, path, key);
        if body.is_null() {
            return Answer::of(request).await;
        }
        let request = request.header("content-type", "application/json");
        Answer::of(request.body(body.to_string())).await
    }

    /// Submits a job, and returns its id.
    pub(crate) async fn submit(&self, key: &str, job: &Value) -> String {
        let answer = self.post("/v1/verifications", key, job).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// Returns a verification when it has ended.
    pub(crate) async fn end_of(&self, key: &str, id: &str) -> Value {
        let answer = self
            .get(&format!("/v1/verifications/{id}?wait=30s"), key)
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }
}

impl Answer {
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let answer = request.send().await.unwrap();
        Self {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            text: answer.text().await.unwrap(),
        }
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{self:?}"))
    }

    /// Asserts that this is a problem of a kind, with a remedy.
    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16, kind: &str) -> Value {
        let problem = self.json();
        assert_eq!(self.status, status, "{problem}");
        assert_eq!(
            problem["type"],
            format!("urn:kyc:problem:{kind}"),
            "{problem}"
        );
        assert_eq!(self.headers["content-type"], "application/problem+json");
        for field in ["title", "detail", "remedy", "request_id"] {
            assert!(
                problem[field].as_str().is_some_and(|text| !text.is_empty()),
                "{field}: {problem}"
            );
        }
        problem
    }
}

/// Creates an API key with the command line.
pub(crate) async fn key(world: &World, words: &[&str]) -> String {
    let ran = world
        .run(["keys", "api", "create"].iter().chain(words))
        .await;
    ran.good().trim().to_owned()
}
