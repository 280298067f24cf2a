//! Sends requests, again if that helps and does no harm, and reads answers.

use std::time::Duration;

use reqwest::{RequestBuilder, Response, header};
use serde::de::DeserializeOwned;

use super::{
    Error, Problem,
    retry::{Pauses, Repeat},
};

/// How often, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sending {
    pub(super) repeat: Repeat,
    pub(super) patience: Duration,
}

/// The largest problem that is read.
const LARGEST_PROBLEM: usize = 64 << 10;

/// Sends a request until it has a good answer. The other answer is an error.
pub(super) async fn send(request: RequestBuilder, sending: Sending) -> Result<Response, Error> {
    let mut pauses = Pauses::new(sending.repeat, sending.patience);
    loop {
        let again = request.try_clone();
        let again = again.ok_or(Error::Config("a request that cannot be sent twice"))?;
        let error = match once(again).await {
            Ok(response) => return Ok(response),
            Err(error) => error,
        };
        let Some(pause) = pauses.next(&error) else {
            return Err(error);
        };
        tokio::time::sleep(pause).await;
    }
}

/// Sends a request once.
pub(super) async fn once(request: RequestBuilder) -> Result<Response, Error> {
    let response = request.send().await?;
    match response.status().is_success() {
        true => Ok(response),
        false => Err(problem(response).await),
    }
}

/// Reads an answer of JSON.
pub(super) async fn read<T: DeserializeOwned>(
    response: Response,
    what: &'static str,
) -> Result<T, Error> {
    let body = response.bytes().await?;
    serde_json::from_slice(&body).map_err(|_| Error::Answer(what))
}

async fn problem(mut response: Response) -> Error {
    let status = response.status().as_u16();
    let retry_after = response.headers().get(header::RETRY_AFTER);
    let retry_after = retry_after.and_then(|seconds| seconds.to_str().ok()?.parse().ok());
    let mut body = Vec::new();
    while let Ok(Some(part)) = response.chunk().await
        && body.len() + part.len() <= LARGEST_PROBLEM
    {
        body.extend_from_slice(&part);
    }
    match serde_json::from_slice::<Problem>(&body) {
        Ok(problem) => Error::Problem(Box::new(Problem {
            status,
            retry_after: problem.retry_after.or(retry_after),
            ..problem
        })),
        Err(_) => Error::Status(status),
    }
}
