//! The ends of jobs as they come, for many readers at once. Each stream is read once for all of them, when the one subscription
//! tells that jobs have ended; a reader that is behind reads by itself until it has caught up.

mod hub;
mod point;
mod read;
mod reader;

use std::{collections::VecDeque, sync::Arc, time::Duration};

use tokio::{sync::Semaphore, time::sleep};

use crate::{Error, Queue, inspect::endings::Endings};
use hub::Hub;
use point::{EntryId, Source};
pub use point::{NotAPoint, Point};
pub use read::Ended;
use reader::Render;
pub use reader::{FeedReader, Told};

/// The pause between two reads: ends that come together are read together.
const BETWEEN: Duration = Duration::from_millis(5);
/// A lost message delays ends by this long.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// The most readers that read by themselves at once.
const TURNS: usize = 4;

/// Where a reader begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// With the next job that ends.
    Now,
    /// With the first end that is kept.
    Beginning,
    /// After this position.
    After(Point),
}

/// The ends of jobs, for many readers. Cheap to clone.
#[derive(Clone)]
pub struct Feed<T> {
    hub: Arc<Hub<T>>,
    turns: Arc<Semaphore>,
    render: Render<T>,
}

impl<T: Clone> Feed<T> {
    /// A feed that makes of each end, once, what it tells all readers.
    pub fn new(render: fn(&Point, &Ended) -> T) -> Self {
        Self {
            hub: Hub::new(),
            turns: Arc::new(Semaphore::new(TURNS)),
            render,
        }
    }

    /// Reads for all readers, forever. `endings` must listen beside it.
    pub async fn run(&self, queue: &Queue, endings: &Endings) {
        let mut news = endings.news();
        loop {
            news.mark_unchanged();
            match self.read(queue).await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => {
                    tracing::debug!(%error, "Could not read the ends of jobs");
                    sleep(LOOK_AGAIN).await;
                }
            }
            sleep(BETWEEN).await;
            tokio::select! {
                // The sender lives as long as `endings`.
                _ = news.changed() => {}
                () = self.hub.joined() => {}
                () = sleep(LOOK_AGAIN) => {}
            }
        }
    }

    /// Reads what is new. Returns whether there may be more.
    async fn read(&self, queue: &Queue) -> Result<bool, Error> {
        let to_read = self.hub.to_read();
        if to_read.is_empty() {
            return Ok(false);
        }
        let mut is_more = false;
        for (source, ends) in queue.ends_after(&to_read).await? {
            is_more |= ends.len() >= read::AT_ONCE;
            let is_own = source != Source::Shared;
            let make = |entry, ended: &Ended| (self.render)(&Point { is_own, entry }, ended);
            self.hub
                .pass_on(&source, &ends, |ended| &ended.result.tenant, make);
        }
        Ok(is_more)
    }

    /// Follows the ends of a tenant's jobs.
    ///
    /// A position stays valid when the tenant gets a stream of its own. If that stream was removed since, the reader is told of
    /// a gap, and goes on in the stream of all tenants.
    ///
    /// # Errors
    ///
    /// The queue cannot be reached.
    pub async fn follow(
        &self,
        queue: &Queue,
        tenant: &str,
        start: Start,
    ) -> Result<FeedReader<T>, Error> {
        let has_own = queue.has_own_results(tenant).await?;
        let reads_own = match start {
            Start::After(point) => point.is_own && has_own,
            Start::Now | Start::Beginning => has_own,
        };
        let source = match reads_own {
            true => Source::Own(tenant.to_owned()),
            false => Source::Shared,
        };
        let newest = queue.newest_end(&source).await?;
        let (read_to, live) = self.hub.join(&source, tenant, newest);
        let (at, gap) = match start {
            Start::Now => (read_to, false),
            Start::Beginning => (EntryId::default(), false),
            // Redis was put back to an older state: it gives ids anew.
            Start::After(point) if point.entry > newest => (newest, true),
            Start::After(point) => (point.entry, point.is_own && !has_own),
        };
        Ok(FeedReader {
            queue: queue.clone(),
            hub: Arc::clone(&self.hub),
            render: self.render,
            turns: Arc::clone(&self.turns),
            source,
            tenant: tenant.to_owned(),
            at,
            live,
            behind: (at < read_to).then_some(read_to),
            continues: matches!(start, Start::After(_)),
            gap,
            read: VecDeque::new(),
        })
    }
}
