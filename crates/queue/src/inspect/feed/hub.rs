//! Who follows which stream, and how far each stream was read for all of them. It does no I/O.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{Notify, broadcast};

use super::point::{EntryId, Source};

/// The ends that a reader can be behind before it has to read them itself. They are shared by all readers of a tenant.
const AT_HAND: usize = 64;

/// An end as it is passed on: its entry, and what was made of it once for all readers.
pub(crate) type Sent<T> = (EntryId, T);

/// What all readers share.
pub(crate) struct Hub<T> {
    followed: Mutex<HashMap<Source, Followed<T>>>,
    joined: Notify,
}

struct Followed<T> {
    /// All entries up to this one were passed on.
    read_to: EntryId,
    tenants: HashMap<String, broadcast::Sender<Sent<T>>>,
}

impl<T: Clone> Hub<T> {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            followed: Mutex::default(),
            joined: Notify::new(),
        })
    }

    /// Follows a tenant's ends in a stream. Returns them from an entry on, and that entry. `newest` is where reading begins if
    /// nobody follows the stream yet: an entry that was the newest a moment ago.
    pub(crate) fn join(
        &self,
        source: &Source,
        tenant: &str,
        newest: EntryId,
    ) -> (EntryId, broadcast::Receiver<Sent<T>>) {
        let mut followed = self.lock();
        let stream = followed.entry(source.clone()).or_insert_with(|| Followed {
            read_to: newest,
            tenants: HashMap::new(),
        });
        let sender = stream
            .tenants
            .entry(tenant.to_owned())
            .or_insert_with(|| broadcast::Sender::new(AT_HAND));
        let live = sender.subscribe();
        let read_to = stream.read_to;
        drop(followed);
        self.joined.notify_one();
        (read_to, live)
    }

    /// Returns once somebody has joined since the last call.
    pub(crate) async fn joined(&self) {
        self.joined.notified().await;
    }

    /// Returns the streams that are followed, and up to which entry each was read. Forgets those that nobody follows any more.
    pub(crate) fn to_read(&self) -> Vec<(Source, EntryId)> {
        let mut followed = self.lock();
        followed.retain(|_, stream| {
            stream
                .tenants
                .retain(|_, sender| sender.receiver_count() > 0);
            !stream.tenants.is_empty()
        });
        let streams = followed.iter();
        streams
            .map(|(source, stream)| (source.clone(), stream.read_to))
            .collect()
    }

    /// Passes on what was read of a stream, in its order: each entry, its tenant, and what `make` makes of it for those who follow
    /// that tenant.
    pub(crate) fn pass_on<E>(
        &self,
        source: &Source,
        ends: &[(EntryId, E)],
        tenant: impl Fn(&E) -> &str,
        make: impl Fn(EntryId, &E) -> T,
    ) {
        let mut followed = self.lock();
        let Some(stream) = followed.get_mut(source) else {
            return;
        };
        for (entry, end) in ends {
            // Whoever follows the stream anew since it was read begins behind this entry.
            if *entry <= stream.read_to {
                continue;
            }
            stream.read_to = *entry;
            if let Some(sender) = stream.tenants.get(tenant(end)) {
                // All its readers may have gone meanwhile.
                let _ = sender.send((*entry, make(*entry, end)));
            }
        }
    }

    /// Returns up to which entry a stream was read, if a reader has got everything that was passed on.
    pub(crate) fn caught_up(
        &self,
        source: &Source,
        live: &broadcast::Receiver<Sent<T>>,
    ) -> Option<EntryId> {
        let followed = self.lock();
        let stream = followed.get(source)?;
        live.is_empty().then_some(stream.read_to)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Source, Followed<T>>> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass_on(hub: &Hub<u64>, ends: &[(&'static str, u64)]) {
        let ends: Vec<_> = ends.iter().map(|end| (EntryId(end.1, 0), *end)).collect();
        hub.pass_on(&Source::Shared, &ends, |end| end.0, |entry, _| entry.0);
    }

    #[test]
    fn each_reader_gets_its_tenants_ends_from_where_it_joined() {
        let hub: Arc<Hub<u64>> = Hub::new();
        let (from, mut first) = hub.join(&Source::Shared, "acme", EntryId(3, 0));
        assert_eq!(from, EntryId(3, 0));
        pass_on(&hub, &[("acme", 4), ("other", 5)]);
        // It is the same reading for a second one, whatever was the newest for it.
        let (from, mut second) = hub.join(&Source::Shared, "acme", EntryId(9, 0));
        assert_eq!(from, EntryId(5, 0));
        // Read by an earlier call as well: passed on once.
        pass_on(&hub, &[("acme", 4), ("acme", 6)]);
        let all = |live: &mut broadcast::Receiver<Sent<u64>>| -> Vec<u64> {
            std::iter::from_fn(|| live.try_recv().ok().map(|(_, end)| end)).collect()
        };
        assert_eq!(hub.caught_up(&Source::Shared, &second), None);
        assert_eq!((all(&mut first), all(&mut second)), (vec![4, 6], vec![6]));
        let caught_up = hub.caught_up(&Source::Shared, &second);
        assert_eq!(caught_up, Some(EntryId(6, 0)));
    }

    #[test]
    fn a_stream_that_nobody_follows_is_not_read() {
        let hub: Arc<Hub<u64>> = Hub::new();
        let own = Source::Own("acme".to_owned());
        let joined = hub.join(&own, "acme", EntryId(1, 0));
        assert_eq!(hub.to_read(), [(own, EntryId(1, 0))]);
        drop(joined);
        assert_eq!(hub.to_read(), []);
    }
}
