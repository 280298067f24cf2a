//! One stream of events: what is written, and when it ends.

use std::{convert::Infallible, pin::pin, time::Duration};

use bytes::Bytes;
use futures::{Stream, stream};
use kyc_queue::{FeedReader, Point, Role, Start, Told};
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, Interval, MissedTickBehavior, interval, sleep},
};

use crate::{Gateway, caller::Caller};

/// Who may follow events.
pub(super) const ROLES: [Role; 2] = [Role::Read, Role::Reveal];
/// How often the API key is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// The longest silence.
const QUIET: Duration = Duration::from_secs(15);
/// How long clients wait before they connect again, in milliseconds.
const RETRY_MS: u32 = 2_000;

const STOPPING: &[u8] = b": the server stops: connect again\n\n";
const NOT_VALID: &[u8] = b": the API key is not valid any more\n\n";
const GAP: &str = "events after the one that you named were deleted before you read them, if there were any: list the verifications";

/// The frames of a stream.
pub(super) struct Frames {
    gateway: Gateway,
    caller: Caller,
    reader: FeedReader<Bytes>,
    /// The stream's place among those of its API key.
    _place: OwnedSemaphorePermit,
    state: State,
    ticks: Interval,
    /// When something was written last, and the position that the client has.
    written: Instant,
    told: Option<Point>,
}

/// What is written next.
enum Due {
    Told(Told<Bytes>),
    /// The queue could not be reached.
    Failed,
    /// Nothing was written for long.
    Quiet,
    /// A comment, and then the end.
    Last(&'static [u8]),
}

enum State {
    New(Start),
    Following,
    Over,
}

impl Frames {
    pub(super) fn new(
        gateway: Gateway,
        caller: Caller,
        reader: FeedReader<Bytes>,
        place: OwnedSemaphorePermit,
        start: Start,
    ) -> Self {
        let mut ticks = interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            gateway,
            caller,
            reader,
            _place: place,
            state: State::New(start),
            ticks,
            written: Instant::now(),
            told: None,
        }
    }

    /// The frames, each as soon as it is due. Nothing is read for a client that does not take them.
    pub(super) fn into_stream(self) -> impl Stream<Item = Result<Bytes, Infallible>> {
        stream::unfold(self, async |mut frames| {
            let frame = frames.next().await?;
            Some((Ok(frame), frames))
        })
    }

    async fn next(&mut self) -> Option<Bytes> {
        let frame = match self.state {
            State::New(start) => {
                self.state = State::Following;
                // Without an id, who asked for the beginning asks for it again.
                let id = match start {
                    Start::Beginning => String::new(),
                    Start::Now | Start::After(_) => self.position(),
                };
                format!("retry: {RETRY_MS}\n{id}\n").into()
            }
            State::Following => self.following().await,
            State::Over => return None,
        };
        self.written = Instant::now();
        Some(frame)
    }

    async fn following(&mut self) -> Bytes {
        loop {
            match self.due().await {
                Due::Told(Told::End(event)) => return event,
                Due::Told(Told::Gap) => return gap(),
                Due::Failed => sleep(LOOK).await,
                Due::Quiet => return self.quiet(),
                Due::Last(comment) => {
                    self.state = State::Over;
                    return Bytes::from_static(comment);
                }
            }
        }
    }

    /// Waits until something is due. A read that is under way goes on while the API key is looked at.
    async fn due(&mut self) -> Due {
        let mut next = pin!(self.reader.next());
        loop {
            tokio::select! {
                biased;
                () = self.gateway.stopping() => return Due::Last(STOPPING),
                _ = self.ticks.tick() => {
                    if !self.caller.is_still_valid(&self.gateway, &ROLES).await {
                        return Due::Last(NOT_VALID);
                    }
                    if self.written.elapsed() >= QUIET {
                        return Due::Quiet;
                    }
                }
                told = &mut next => return told.map_or_else(|error| {
                    tracing::debug!(%error, "Could not read the ends of jobs");
                    Due::Failed
                }, Due::Told),
            }
        }
    }

    /// A client whose tenant is quiet gets a new position, so that it does not have to be looked for among the ends of others.
    fn quiet(&mut self) -> Bytes {
        match self.position() {
            id if id.is_empty() => Bytes::from_static(b":\n\n"),
            id => format!("{id}\n").into(),
        }
    }

    /// Returns the field `id` with the present position, or nothing if the client has it.
    fn position(&mut self) -> String {
        let point = self.reader.point();
        if self.told.replace(point) == Some(point) {
            return String::new();
        }
        format!("id: {point}\n")
    }
}

fn gap() -> Bytes {
    let data = serde_json::json!({ "detail": GAP });
    format!("event: gap\ndata: {data}\n\n").into()
}
