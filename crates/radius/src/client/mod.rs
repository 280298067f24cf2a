//! Hides HTTP: how a request is sent, and the one place that reads a status.

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
/// What a local sandbox marks its answers with.
const SANDBOX: HeaderName = HeaderName::from_static("x-sandbox");
/// How often a connection of HTTP/2 is asked for a sign of life while calls wait on it, and how long for.
const PING_EVERY: Duration = Duration::from_secs(10);
const PONG_WITHIN: Duration = Duration::from_secs(5);

/// A connection pool to Radius. Clones share it.
///
/// It makes each call once: it neither retries nor follows redirects, keeps no cookies and takes no proxy from the
/// environment, since every call may cost money and holds a person's number. A request that the server says it never
/// began to process (HTTP/2: a refused stream, or one behind the last that it took) is sent again, twice at most.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    max_body: usize,
    readers: Arc<Semaphore>,
}

/// A good answer: its status was from 200 to 299. `Debug` shows the body's length only.
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The header `Retry-After`, if there is one that can be read.
    pub retry_after: Option<RetryAfter>,
    /// Whether a local sandbox answered (`X-Sandbox: 1`), and not the provider.
    pub sandbox: bool,
    /// From sending, connecting included, to the last byte of the body.
    pub elapsed: Duration,
    /// The body, decoded.
    pub body: Bytes,
}

impl Client {
    /// A client of this configuration. Connects to nothing.
    ///
    /// # Errors
    /// [`Error::Config`] names the setting that cannot be used, and never its value.
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

    /// Sends the request, once, and waits for the whole answer.
    ///
    /// Dropping the future gives the call up; it may have been sent by then.
    ///
    /// # Errors
    /// [`Error::Connect`] and [`Error::TimeoutConnect`] before anything was sent; the other variants
    /// after. Any status outside 200 to 299 is an error too, 404 among them.
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
    /// Bodies beyond `max_readers` wait in the sockets, where they cost no memory of ours.
    async fn read(&self, response: &mut reqwest::Response) -> Result<Bytes, Error> {
        // The semaphore is never closed; without its permit a body would only cost more.
        let _permit = self.readers.acquire().await.ok();
        body::collect(response, self.max_body).await
    }
}

fn builder(config: &ClientConfig, tls: bool) -> Result<reqwest::ClientBuilder, Error> {
    config.check_timeouts()?;
    // PHP frameworks answer faults with a page, or a redirect to one, unless JSON is asked for.
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
    // Without TLS the system's certificates are of no use: a sandbox also starts where there are none.
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
    /// Reads the body as the record of one endpoint: see [`read`].
    ///
    /// # Errors
    /// As of [`read`].
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
