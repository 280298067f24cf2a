//! One reader of a tenant's ends. It holds little memory, however far it is behind.

use std::{collections::VecDeque, sync::Arc};

use tokio::sync::{Semaphore, broadcast};

use super::{
    hub::{Hub, Sent},
    point::{EntryId, Point, Source},
    read::{AT_ONCE, Ended},
};
use crate::{Error, Queue};

/// What a reader is told.
#[derive(Clone, Debug)]
pub enum Told<T> {
    /// A job ended.
    End(T),
    /// Ends before this may have been deleted before they were read.
    Gap,
}

/// Makes of an end, once, what all readers are told.
pub(crate) type Render<T> = fn(&Point, &Ended) -> T;

/// Reads the ends of one tenant's jobs, each once, in the order in which they were published.
pub struct FeedReader<T> {
    pub(super) queue: Queue,
    pub(super) hub: Arc<Hub<T>>,
    pub(super) render: Render<T>,
    /// The turns of those that read by themselves.
    pub(super) turns: Arc<Semaphore>,
    pub(super) source: Source,
    pub(super) tenant: String,
    pub(super) at: EntryId,
    pub(super) live: broadcast::Receiver<Sent<T>>,
    /// Up to where it reads by itself, before it goes on with what is passed on.
    pub(super) behind: Option<EntryId>,
    /// Whether to tell of deleted entries: not to whoever begins with the first that is left.
    pub(super) continues: bool,
    pub(super) gap: bool,
    pub(super) read: VecDeque<Sent<T>>,
}

impl<T: Clone> FeedReader<T> {
    /// Returns the next end, as soon as there is one. If the call is dropped, nothing is lost.
    ///
    /// # Errors
    ///
    /// The queue cannot be reached. The next call goes on.
    pub async fn next(&mut self) -> Result<Told<T>, Error> {
        loop {
            if std::mem::take(&mut self.gap) {
                return Ok(Told::Gap);
            }
            if let Some((entry, end)) = self.read.pop_front() {
                self.at = entry;
                return Ok(Told::End(end));
            }
            if let Some(to) = self.behind {
                self.read_to(to).await?;
                continue;
            }
            match self.live.recv().await {
                Ok((entry, end)) if entry > self.at => {
                    self.at = entry;
                    return Ok(Told::End(end));
                }
                Ok(_) => {}
                // It was too slow: what it missed is still in the stream.
                Err(_) => self.rejoin(),
            }
        }
    }

    /// Returns the position up to which everything was returned.
    pub fn point(&mut self) -> Point {
        if self.behind.is_none()
            && self.read.is_empty()
            && let Some(read_to) = self.hub.caught_up(&self.source, &self.live)
        {
            self.at = self.at.max(read_to);
        }
        self.point_at(self.at)
    }

    fn point_at(&self, entry: EntryId) -> Point {
        Point {
            is_own: self.source != Source::Shared,
            entry,
        }
    }

    /// Reads the next entries of the stream. Few readers do at once, so that many of them do not hold up the queue.
    async fn read_to(&mut self, to: EntryId) -> Result<(), Error> {
        let turn = self.turns.acquire().await;
        let (ends, gap) = self.queue.ends_between(&self.source, self.at, to).await?;
        drop(turn);
        // The time between its calls is another one.
        self.gap = self.continues && gap.is_some();
        self.continues = true;
        let (count, last) = (ends.len(), ends.last().map(|(entry, _)| *entry));
        let own = ends
            .into_iter()
            .filter(|(_, ended)| ended.result.tenant == self.tenant);
        self.read = own
            .map(|(entry, ended)| (entry, (self.render)(&self.point_at(entry), &ended)))
            .collect();
        let is_last = count < AT_ONCE;
        if is_last {
            self.behind = None;
        }
        if self.read.is_empty() {
            let passed = if is_last { Some(to) } else { last };
            self.at = self.at.max(passed.unwrap_or(self.at));
        }
        Ok(())
    }

    fn rejoin(&mut self) {
        let (read_to, live) = self.hub.join(&self.source, &self.tenant, self.at);
        self.live = live;
        self.continues = true;
        self.behind = (read_to > self.at).then_some(read_to);
    }
}
