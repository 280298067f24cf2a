//! The connection to the queue's Redis. It hides where the queue is: on a single server, in a
//! cluster, or on the master that Sentinel names; and it hides changes of that location.
//!
//! All keys of a queue are in one slot, so one connection to the node that serves this slot is
//! enough. When that node fails, is demoted, or loses the slot, the next connection goes to its
//! successor. A command is sent once. If it failed, or its answer was lost, the error is returned
//! to the caller, who decides what to do.
//!
//! The cluster connection of the `redis` crate is not suitable. It sends a command again when its
//! answer was lost, and it follows `ASK` to the node to which a slot is being moved. There a script
//! would find none of the keys whose names it builds, and would start a second queue. Here `ASK` is
//! an ordinary error until the move is complete.

mod address;
mod exposed;
mod find;
mod listen;
mod node;
mod tls;
mod tls_fault;
mod trouble;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use redis::{
    Cmd, Pipeline, RedisFuture, RedisResult, Value,
    aio::{ConnectionLike, MultiplexedConnection},
};
use tokio::{sync::watch, time::Instant};

use crate::{Config, Error};

pub(crate) use address::Address;
pub(crate) use exposed::is_exposed;
use find::{Finder, Found};
pub use node::Setup;
pub use tls::Tls;
pub use tls_fault::TlsFault;
use trouble::Trouble;
pub(crate) use trouble::is_elsewhere;

/// The minimum time between the starts of two searches, so that a node that refuses every command
/// is not overloaded.
const BETWEEN_SEARCHES: Duration = Duration::from_millis(250);
/// A search that finds nothing is repeated for this long before it returns an error.
const LONGEST_SEARCH: Duration = Duration::from_secs(1);

/// A connection to the queue, wherever it is. Clones share it.
#[derive(Clone)]
pub struct Connection {
    inner: Arc<Inner>,
}

struct Inner {
    finder: Arc<Finder>,
    state: Mutex<State>,
    /// The number of the newest connection.
    newest: watch::Sender<u64>,
}

struct State {
    /// Counts the connections. Of many commands that fail on one connection, only the first starts
    /// a search.
    nth: u64,
    begun: Instant,
    connecting: Connecting,
}

type Connecting = Shared<BoxFuture<'static, RedisResult<Arc<Found>>>>;

impl Connection {
    /// Connects to the Redis of a queue, and needs nothing there but what the caller then does: no key and no script.
    pub async fn of(config: &Config) -> Result<Self, Error> {
        Self::open(config.address()?, &config.prefix(), config.allow_plaintext).await
    }

    /// Connects to the node at or behind this address that serves the key `key`. Without
    /// `allow_plaintext`, a node on another machine is used over TLS only.
    pub(crate) async fn open(
        address: Address,
        key: &str,
        allow_plaintext: bool,
    ) -> Result<Self, Error> {
        Self::over(Arc::new(Finder::new(address, key, allow_plaintext))).await
    }

    /// Opens a second connection to the same queue, for reads that block.
    pub(crate) async fn another(&self) -> Result<Self, Error> {
        Self::over(Arc::clone(&self.inner.finder)).await
    }

    async fn over(finder: Arc<Finder>) -> Result<Self, Error> {
        let connecting = search(Arc::clone(&finder), Duration::ZERO, None);
        let begun = Instant::now();
        connecting.clone().await?;
        let state = State {
            nth: 0,
            begun,
            connecting,
        };
        let inner = Inner {
            finder,
            state: Mutex::new(state),
            newest: watch::Sender::new(0),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Returns how the Redis of the queue is set up.
    pub(crate) async fn setup(&self) -> Result<Setup, Error> {
        Ok(self.current().await?.1.setup)
    }

    /// Returns the connection that is in use or is being opened, and its number.
    async fn current(&self) -> RedisResult<(u64, Arc<Found>)> {
        let (nth, connecting) = {
            let state = self.lock();
            (state.nth, state.connecting.clone())
        };
        match connecting.await {
            Ok(found) => Ok((nth, found)),
            Err(error) => {
                self.look_elsewhere(nth, None);
                Err(error)
            }
        }
    }

    /// Replaces the connection with this number by a new one. Does nothing if it was replaced
    /// before.
    fn look_elsewhere(&self, nth: u64, hint: Option<(String, u16)>) {
        let mut state = self.lock();
        if state.nth != nth {
            return;
        }
        let pause = BETWEEN_SEARCHES.saturating_sub(state.begun.elapsed());
        let connecting = search(Arc::clone(&self.inner.finder), pause, hint);
        *state = State {
            nth: nth + 1,
            begun: Instant::now() + pause,
            connecting: connecting.clone(),
        };
        drop(state);
        self.inner.newest.send_replace(nth + 1);
        // The search runs even if nobody waits for it.
        tokio::spawn(connecting.map(drop));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.inner
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends over the current connection, and looks for another one if the answer requires that.
    async fn through<'a, T: Trouble>(
        &'a self,
        send: impl FnOnce(MultiplexedConnection) -> BoxFuture<'a, RedisResult<T>>,
    ) -> RedisResult<T> {
        let (nth, found) = self.current().await?;
        let answer = send(found.connection.clone()).await;
        if let Some(elsewhere) = answer.elsewhere() {
            self.look_elsewhere(nth, elsewhere.hint);
        }
        answer
    }
}

fn search(finder: Arc<Finder>, pause: Duration, hint: Option<(String, u16)>) -> Connecting {
    let searching = async move {
        tokio::time::sleep(pause).await;
        let begun = Instant::now();
        let mut pause = Duration::from_millis(100);
        loop {
            match finder.find(hint.as_ref()).await {
                Err(error) if begun.elapsed() < LONGEST_SEARCH && trouble::may_pass(&error) => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                found => return found.map(Arc::new),
            }
        }
    };
    searching.boxed().shared()
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        let send = move |mut connection: MultiplexedConnection| {
            async move { connection.send_packed_command(cmd).await }.boxed()
        };
        self.through(send).boxed()
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        let send = move |mut connection: MultiplexedConnection| {
            async move {
                connection
                    .send_packed_commands(pipeline, offset, count)
                    .await
            }
            .boxed()
        };
        self.through(send).boxed()
    }

    fn get_db(&self) -> i64 {
        self.inner.finder.database()
    }
}
