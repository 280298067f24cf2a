//! Follows the ends of verifications, over as many connections as it takes.

use std::{fmt, time::Duration};

use futures::{Stream, stream};
use jiff::Timestamp;
use reqwest::{Response, Url};
use serde::Deserialize;
use tokio::time::timeout;

use super::{
    Error, Fault, Reason, State, Verdict,
    retry::{Pauses, Repeat},
    send::once,
    sse::{Block, Parser},
};

/// The server writes something every 15 s. After this silence it is gone.
const SILENCE: Duration = Duration::from_secs(45);
/// How long the head of an answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// A stream is followed for as long as this, however often it breaks.
const PATIENCE: Duration = Duration::from_secs(365 * 24 * 3600);
/// The pause before the next connection, until the server tells another one.
const RETRY: Duration = Duration::from_secs(2);

/// What a stream of events tells.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Told {
    /// A verification ended.
    End(Box<Event>),
    /// Events after the last one were deleted before they were read, if there were any: list the verifications.
    Gap,
}

/// The end of a verification.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Event {
    /// The id of the verification.
    pub id: String,
    /// Your own id; empty without one.
    #[serde(default)]
    pub reference: String,
    /// What was verified, and how.
    pub kind: String,
    /// How it ended.
    pub state: State,
    /// The verdict of a completed one.
    pub verdict: Option<Verdict>,
    /// Why there is no verdict: a stable code.
    pub code: Option<String>,
    /// The same in a sentence for people.
    pub sentence: Option<String>,
    /// Why the verdict is what it is: reasons that the subject may be told.
    pub reasons: Option<Vec<Reason>>,
    /// Whether a sandbox answered, so that the person is made up.
    pub sandbox: bool,
    /// When it ended.
    pub finished_at: Timestamp,
    /// The position of the event, for [`Events::after`]. Store it with what you made of the event.
    #[serde(skip)]
    pub position: String,
}

/// A reader of events. It connects again by itself, after the last event that it returned.
pub struct Events {
    http: reqwest::Client,
    url: Url,
    after: Option<String>,
    open: Option<Open>,
    pauses: Pauses,
    retry: Duration,
}

struct Open {
    response: Response,
    parser: Parser,
}

impl Events {
    pub(super) fn new(http: reqwest::Client, url: Url) -> Self {
        Self {
            http,
            url,
            after: None,
            open: None,
            pauses: Pauses::new(Repeat::Safe, PATIENCE),
            retry: RETRY,
        }
    }

    /// Begins after the event with this position; with `0`, at the first event that is kept.
    #[must_use]
    pub fn after(mut self, position: &str) -> Self {
        self.after = Some(position.to_owned());
        self
    }

    /// Returns the position up to which everything was returned; `None` before the first connection.
    pub fn position(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// Returns the next event, as soon as there is one. If the call is dropped, nothing is lost.
    ///
    /// # Errors
    ///
    /// What another try cannot help, such as an API key that is not valid any more. The next call tries again all the same.
    pub async fn next(&mut self) -> Result<Told, Error> {
        loop {
            if self.open.is_none() {
                self.connect().await?;
            }
            let Some(block) = self.block().await else {
                // It ended, or it broke, or nothing came for too long.
                self.open = None;
                tokio::time::sleep(self.retry).await;
                continue;
            };
            if let Some(told) = self.read(&block)? {
                return Ok(told);
            }
        }
    }

    /// The events as a stream. It ends with the first error.
    pub fn into_stream(self) -> impl Stream<Item = Result<Told, Error>> {
        stream::unfold(Some(self), async |events| {
            let mut events = events?;
            let told = events.next().await;
            let next = told.is_ok().then_some(events);
            Some((told, next))
        })
    }

    async fn connect(&mut self) -> Result<(), Error> {
        loop {
            let mut request = self.http.get(self.url.clone());
            if let Some(after) = &self.after {
                request = request.header("last-event-id", after);
            }
            let answer = timeout(TIMEOUT, once(request)).await;
            let error = match answer.unwrap_or(Err(Error::Connection(Fault::Timeout))) {
                Ok(response) => {
                    self.pauses = Pauses::new(Repeat::Safe, PATIENCE);
                    let parser = Parser::default();
                    self.open = Some(Open { response, parser });
                    return Ok(());
                }
                Err(error) => error,
            };
            let Some(pause) = self.pauses.next(&error) else {
                return Err(error);
            };
            tokio::time::sleep(pause).await;
        }
    }

    async fn block(&mut self) -> Option<Block> {
        let Open { response, parser } = self.open.as_mut()?;
        loop {
            if let Some(block) = parser.next() {
                return Some(block);
            }
            let chunk = timeout(SILENCE, response.chunk()).await;
            let chunk = chunk.ok()?.ok()??;
            if !parser.take(&chunk) {
                return None;
            }
        }
    }

    fn read(&mut self, block: &Block) -> Result<Option<Told>, Error> {
        if let Some(retry) = block.retry_ms {
            self.retry = Duration::from_millis(retry);
        }
        let told = match block.event.as_deref() {
            Some("gap") => Some(Told::Gap),
            Some(event) if event.starts_with("verification.") => {
                let event = serde_json::from_str(&block.data);
                let mut event: Event = event.map_err(|_| Error::Answer("an event"))?;
                event.position = block.id.clone().unwrap_or_default();
                Some(Told::End(Box::new(event)))
            }
            _ => None,
        };
        if let Some(id) = &block.id {
            self.after = Some(id.clone());
        }
        Ok(told)
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events")
            .field("after", &self.after)
            .finish_non_exhaustive()
    }
}
