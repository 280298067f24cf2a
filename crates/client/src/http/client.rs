//! Requests to the API.

use std::{fmt, time::Duration};

use kyc_domain::VerificationId;
use reqwest::{
    Method, RequestBuilder, Url,
    header::{self, HeaderMap, HeaderValue},
};

use super::{
    Error, Events, Filter, Page, Submitted, Verification,
    retry::Repeat,
    send::{Sending, read, send},
};
use crate::Job;

/// The longest wait that the API takes.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// How long an answer may take, beside what is waited for.
const TIMEOUT: Duration = Duration::from_secs(30);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How a client reaches the API. `Debug` shows neither the address nor the API key.
#[derive(Clone)]
pub struct Config {
    address: String,
    api_key: String,
    patience: Duration,
    roots: Vec<Vec<u8>>,
}

impl Config {
    /// An address such as `https://kyc.example.com`, and an API key as `kyc keys api create` prints it.
    pub fn new(address: &str, api_key: &str) -> Self {
        Self {
            address: address.to_owned(),
            api_key: api_key.to_owned(),
            patience: Duration::from_secs(60),
            roots: Vec::new(),
        }
    }

    /// For how long a request is sent again if the server cannot answer; 60 s by default.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Trusts these certificates (PEM) as well.
    #[must_use]
    pub fn trust(mut self, pem: &[u8]) -> Self {
        self.roots.push(pem.to_vec());
        self
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}

/// A client of the API. Cheap to clone. `Debug` shows neither the address nor the API key.
///
/// Requests that do no harm twice are sent again after a broken connection, a 429 or a 503, with growing pauses, and never before the
/// time that the server asks for. A submission does none, since it has an idempotency key.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    patience: Duration,
}

impl Client {
    /// Makes a client. It connects with the first request.
    ///
    /// # Errors
    ///
    /// [`Error::Config`].
    pub fn new(config: &Config) -> Result<Self, Error> {
        let base = Url::parse(&config.address);
        let base = base.ok().filter(|base| !base.cannot_be_a_base());
        let base = base.filter(|base| matches!(base.scheme(), "http" | "https"));
        let base = base.ok_or(Error::Config(
            "the address is not one of HTTP: write it like https://kyc.example.com",
        ))?;
        let bearer = format!("Bearer {}", config.api_key.trim());
        let mut bearer = HeaderValue::from_str(&bearer)
            .map_err(|_| Error::Config("the API key is none: it begins with kyc_"))?;
        bearer.set_sensitive(true);
        let headers = HeaderMap::from_iter([(header::AUTHORIZATION, bearer)]);
        let mut http = reqwest::Client::builder()
            .default_headers(headers)
            .user_agent(concat!("kyc-client/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none());
        for root in &config.roots {
            let root = reqwest::Certificate::from_pem(root);
            http = http.add_root_certificate(
                root.map_err(|_| Error::Config("a certificate to trust is not PEM"))?,
            );
        }
        let http = http.build();
        Ok(Self {
            http: http.map_err(|_| Error::Config("TLS cannot be set up"))?,
            base,
            patience: config.patience,
        })
    }

    /// Submits a job. Once this returns, the job is not lost.
    ///
    /// A job without an idempotency key gets a random one, so that this request can be sent again. Give it one of your own if your
    /// program may submit the job again, for example after it was restarted.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub async fn submit(&self, job: &Job) -> Result<Submitted, Error> {
        let mut request = self.request(Method::POST, &[]);
        request = request.header(header::CONTENT_TYPE, "application/json");
        if !job.has_idempotency_key() {
            request = request.header("idempotency-key", VerificationId::generate().to_string());
        }
        let request = request.body(job.to_json()).timeout(TIMEOUT);
        read(
            self.send(request, Repeat::Safe).await?,
            "a job that was taken",
        )
        .await
    }

    /// Submits a job and waits until it has ended.
    ///
    /// # Errors
    ///
    /// [`Error`]. After an error the job may have been taken.
    pub async fn verify(&self, job: &Job) -> Result<Verification, Error> {
        let submitted = self.submit(job).await?;
        self.wait(&submitted.id).await
    }

    /// Returns a verification as it is now.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub async fn verification(&self, id: &str) -> Result<Verification, Error> {
        self.show(id, Duration::ZERO).await
    }

    /// Waits until a verification has ended, however long that takes.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub async fn wait(&self, id: &str) -> Result<Verification, Error> {
        loop {
            let known = self.show(id, LONGEST_WAIT).await?;
            if known.has_ended() {
                return Ok(known);
            }
        }
    }

    /// Returns a verification when it has ended, or as it is after this time: at most a minute.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub async fn wait_at_most(&self, id: &str, time: Duration) -> Result<Verification, Error> {
        self.show(id, time.min(LONGEST_WAIT)).await
    }

    async fn show(&self, id: &str, wait: Duration) -> Result<Verification, Error> {
        let mut request = self.request(Method::GET, &[id]);
        if !wait.is_zero() {
            request = request.query(&[("wait", format!("{}s", wait.as_secs().max(1)))]);
        }
        let request = request.timeout(TIMEOUT + wait);
        read(self.send(request, Repeat::Safe).await?, VERIFICATION).await
    }

    /// Returns a page of the tenant's verifications.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub async fn list(&self, filter: &Filter) -> Result<Page, Error> {
        let request = self.request(Method::GET, &[]).query(filter.pairs());
        let response = self.send(request.timeout(TIMEOUT), Repeat::Safe).await?;
        read(response, "a page of verifications").await
    }

    /// Cancels a verification. Cancelling one that was cancelled changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error`]; of the kind `wrong-state` if it has ended otherwise.
    pub async fn cancel(&self, id: &str) -> Result<Verification, Error> {
        let request = self.request(Method::POST, &[id, "cancel"]).timeout(TIMEOUT);
        read(self.send(request, Repeat::Safe).await?, VERIFICATION).await
    }

    /// Retries a verification that is dead, scheduled or held for a decision. A broken connection is an error: it may have been retried.
    ///
    /// # Errors
    ///
    /// [`Error`]; of the kind `wrong-state` if there is nothing to retry.
    pub async fn retry(&self, id: &str) -> Result<Verification, Error> {
        let request = self.request(Method::POST, &[id, "retry"]).timeout(TIMEOUT);
        read(self.send(request, Repeat::Unsafe).await?, VERIFICATION).await
    }

    /// Deletes a verification that has ended, with its images. Returns whether it was there: `false` too if the answer to a first try
    /// was lost.
    ///
    /// # Errors
    ///
    /// [`Error`]; of the kind `wrong-state` if it has not ended.
    pub async fn delete(&self, id: &str) -> Result<bool, Error> {
        let request = self.request(Method::DELETE, &[id]).timeout(TIMEOUT);
        match self.send(request, Repeat::Safe).await {
            Ok(_) => Ok(true),
            Err(error) if error.is("not-found") => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Returns an image of the record: personal data.
    ///
    /// # Errors
    ///
    /// [`Error`]; of the kind `no-keys` if the server has no keys.
    pub async fn image(&self, id: &str, name: &str) -> Result<Vec<u8>, Error> {
        let request = self.request(Method::GET, &[id, "images", name]);
        let response = self.send(request.timeout(TIMEOUT), Repeat::Safe).await?;
        Ok(response.bytes().await?.to_vec())
    }

    /// Follows the ends of the tenant's verifications, from now on.
    pub fn events(&self) -> Events {
        Events::new(self.http.clone(), self.url(&["events"]))
    }

    fn request(&self, method: Method, path: &[&str]) -> RequestBuilder {
        let path = [&["verifications"], path].concat();
        self.http.request(method, self.url(&path))
    }

    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        // Others were refused.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("v1").extend(path);
        }
        url
    }

    async fn send(
        &self,
        request: RequestBuilder,
        repeat: Repeat,
    ) -> Result<reqwest::Response, Error> {
        let patience = self.patience;
        send(request, Sending { repeat, patience }).await
    }
}

const VERIFICATION: &str = "a verification";

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}
