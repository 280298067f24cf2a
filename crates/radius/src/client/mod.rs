//! The HTTP client: sends a request and interprets its status. No other place reads a status.

mod body;
mod config;
mod fault;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};

use tokio::sync::Semaphore;

pub use config::ClientConfig;

use crate::{Answer, Data, Error, Reading, Request, RetryAfter, read};

const API_TOKEN: HeaderName = HeaderName::from_static("api-token");
/// The header with which a local sandbox marks its answers.
const SANDBOX: HeaderName = HeaderName::from_static("x-sandbox");
/// How often an HTTP/2 connection is pinged while calls wait on it, and how long its answer may take.
const PING_EVERY: Duration = Duration::from_secs(10);
const PONG_WITHIN: Duration = Duration::from_secs(5);

/// A connection pool to Radius. Clones share it.
///
/// It makes each call once: it neither retries nor follows redirects, stores no cookies and takes no proxy from the
/// environment, since every call may be billed and holds a person's number. The exception is a request that the server
/// reports as not processed (HTTP/2: a refused stream, or a stream after the last one that it accepted). Such a request is
/// sent again, at most twice.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    max_body: usize,
    readers: Arc<Semaphore>,
}

/// An answer with a status from 200 to 299. `Debug` shows only the length of the body.
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The header `Retry-After`, if it is present and can be parsed.
    pub retry_after: Option<RetryAfter>,
    /// Whether a local sandbox answered instead of the provider (`X-Sandbox: 1`).
    pub sandbox: bool,
    /// The time from the start of the call, connecting included, to the last byte of the body.
    pub elapsed: Duration,
    /// The decoded body.
    pub body: Bytes,
}

impl Client {
    /// Creates a client from a configuration, without connecting.
    ///
    /// # Errors
    /// [`Error::Config`] names the invalid setting, and never its value.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the configuration's copy of the token is wiped here"
    )]
    pub fn new(config: ClientConfig) -> Result<Self, Error> {
        let base = config.base()?;
        let http = builder(&config, base.tls)?
            .build()
            .map_err(|error| Error::Config {
                what: "TLS cannot be set up",
                source: Some(error.without_url().into()),
            })?;
        Ok(Self {
            http,
            base: base.url,
            max_body: config.max_body,
            readers: Arc::new(Semaphore::new(config.max_readers)),
        })
    }

    /// Sends the request once and waits for the complete answer.
    ///
    /// Dropping the future aborts the call, which may have been sent already.
    ///
    /// # Errors
    /// [`Error::Connect`] and [`Error::TimeoutConnect`] if nothing was sent; other variants afterwards ([`Error::sent`]). A
    /// status outside 200 to 299, including 404, is also an error.
    pub async fn send(&self, request: &Request) -> Result<Reply, Error> {
        let started = Instant::now();
        let url = format!("{}{}", self.base, request.path_and_query());
        let mut response = self
            .http
            .get(url)
            .send()
            .await
            .map_err(fault::before_answer)?;
        let status = response.status().as_u16();
        let retry_after = retry_after(response.headers());
        let marked = response.headers().get(SANDBOX);
        let sandbox = marked.is_some_and(|value| value == "1");
        match status {
            200..=299 => Ok(Reply {
                status,
                retry_after,
                sandbox,
                body: self.read(&mut response).await?,
                elapsed: started.elapsed(),
            }),
            300..=399 => Err(Error::Redirect { status }),
            _ => {
                let body::Refusal { message, body } = body::refusal(response).await;
                Err(Error::Status {
                    status,
                    retry_after,
                    sandbox,
                    message,
                    body,
                })
            }
        }
    }
}

impl Client {
    /// Reads the body. Bodies beyond `max_readers` wait in the sockets, where they use none of the client's memory.
    async fn read(&self, response: &mut reqwest::Response) -> Result<Bytes, Error> {
        // The semaphore is never closed. Without a permit the body would still be read.
        let _permit = self.readers.acquire().await.ok();
        body::collect(response, self.max_body).await
    }
}

fn builder(config: &ClientConfig, tls: bool) -> Result<reqwest::ClientBuilder, Error> {
    config.check_timeouts()?;
    // PHP frameworks answer errors with an HTML page, or a redirect to one, unless JSON is requested.
    let headers = HeaderMap::from_iter([
        (API_TOKEN, config.token()?),
        (
            reqwest::header::ACCEPT,
            HeaderValue::from_static("application/json"),
        ),
    ]);
    let builder = reqwest::Client::builder()
        .default_headers(headers)
        .user_agent(config.agent()?)
        .connect_timeout(config.connect_timeout)
        .timeout(config.timeout)
        .pool_max_idle_per_host(config.pool_max_idle)
        .pool_idle_timeout(config.pool_idle_timeout)
        .http2_keep_alive_interval(PING_EVERY)
        .http2_keep_alive_timeout(PONG_WITHIN)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .gzip(true)
        .brotli(true);
    let roots = config.roots()?;
    // Without TLS the system's certificates are not loaded, so that a sandbox can be used on a system without any.
    Ok(if tls {
        builder.tls_certs_merge(roots)
    } else {
        builder.tls_certs_only([])
    })
}

fn retry_after(headers: &HeaderMap) -> Option<RetryAfter> {
    RetryAfter::parse(headers.get(RETRY_AFTER)?.to_str().ok()?)
}

impl Reply {
    /// Reads the body as the record of one endpoint; see [`read`].
    ///
    /// # Errors
    /// As for [`read`].
    pub fn read<'a, T: Data<'a>>(&'a self, by: &Reading) -> Result<Answer<'a, T>, Error> {
        read(&self.body, by)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("max_body", &self.max_body)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("retry_after", &self.retry_after)
            .field("sandbox", &self.sandbox)
            .field("elapsed", &self.elapsed)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}
