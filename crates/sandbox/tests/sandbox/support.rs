//! A sandbox with a client.

use std::time::Duration;

use kyc_sandbox::{Config, Sandbox};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;

/// A number of each kind without the last three digits, which select the case.
pub(crate) const NUMBERS: [(&str, &str); 6] = [
    ("bvn", "22212345"),
    ("nin", "12345678"),
    ("nin_phone", "08031234"),
    ("cac", "456"),
    ("drivers_license", "ABC12345"),
    ("passport", "A12345"),
];

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) client: Client,
}

impl World {
    pub(crate) async fn start(config: Config) -> Self {
        let sandbox = Sandbox::start(([127, 0, 0, 1], 0).into(), config)
            .await
            .unwrap();
        // No automatic decompression: the tests look at bodies as they are sent.
        let client = Client::builder()
            .no_gzip()
            .no_brotli()
            .no_proxy()
            .timeout(Duration::from_secs(20))
            .build()
            .unwrap();
        Self { sandbox, client }
    }

    /// Starts a sandbox with small images, which debug builds draw quickly.
    pub(crate) async fn ordinary() -> Self {
        Self::start(small()).await
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.sandbox.url()))
    }

    /// Makes a call with matching required fields.
    pub(crate) async fn ask(&self, kind: &str, number: &str) -> reqwest::Result<Response> {
        let who = self.who(kind, number).await;
        let claim = |name: &str| who[name].as_str().unwrap().to_owned();
        let request = self.get(&path(kind, number)).header("Api-Token", "any");
        let request = match kind {
            "cac" => request.query(&[("company_name", claim("company_name"))]),
            "passport" => request.query(&[
                ("first_name", claim("first_name")),
                ("last_name", claim("last_name")),
                ("dob", claim("date_of_birth")),
            ]),
            _ => request,
        };
        request.send().await
    }

    /// Returns the groups of the record of a number.
    pub(crate) async fn record(&self, kind: &str, number: &str) -> Value {
        let response = self.ask(kind, number).await.unwrap();
        assert_eq!(response.status(), 200, "{kind} {number}");
        let mut body: Value = response.json().await.unwrap();
        assert_eq!(body["status"], "success");
        assert_eq!(body["data"]["type"], "response");
        assert_eq!(body["message"], Value::Null);
        body["data"]["data"].take()
    }

    pub(crate) async fn who(&self, kind: &str, number: &str) -> Value {
        self.own(&format!("/__sandbox/identities/{kind}/{number}"))
            .await
    }

    /// Returns the answer of one of the sandbox's own paths.
    pub(crate) async fn own(&self, path: &str) -> Value {
        self.get(path)
            .send()
            .await
            .unwrap()
            .error_for_status()
            .unwrap()
            .json()
            .await
            .unwrap()
    }
}

pub(crate) fn small() -> Config {
    Config {
        image_bytes: 4_000,
        ..Config::default()
    }
}

pub(crate) fn path(kind: &str, number: &str) -> String {
    match kind {
        "bvn" => format!("/identity/bvn/advanced/{number}"),
        "nin" => format!("/identity/nin/{number}"),
        "nin_phone" => format!("/identity/nin/phone/{number}"),
        "cac" => format!("/identity/cac/{number}"),
        "drivers_license" => format!("/identity/drivers/licenses/{number}"),
        "passport" => format!("/identity/passport/nigeria/{number}"),
        _ => panic!("there is no kind {kind}"),
    }
}
