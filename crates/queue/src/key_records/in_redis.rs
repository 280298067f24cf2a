//! Key records in a second Redis: one string for each verification.

use std::collections::BTreeMap;

use futures::{FutureExt, StreamExt, TryStreamExt, stream, stream::BoxStream};
use kyc_domain::VerificationId;
use tokio::sync::OnceCell;

use crate::{
    Error, Tls,
    connection::{Address, Connection},
    key_records::store::{KeyRecordStore, StoreAnswer},
};

/// The keys that one step of a listing looks at.
const AT_ONCE: usize = 1000;

/// A Redis that holds key records and nothing else of the queue. It connects when it is used first.
pub struct RedisKeyRecords {
    url: String,
    tls: Tls,
    prefix: String,
    allow_plaintext: bool,
    connection: OnceCell<Connection>,
}

impl RedisKeyRecords {
    /// A store in the Redis at this address, which has one of the forms of [`crate::Config::url`]. Its keys begin with
    /// `{namespace}:`, as those of the queue do. `allow_plaintext` is that of the queue.
    ///
    /// # Errors
    ///
    /// [`Error::BadUrl`], or [`Error::Tls`] if the certificates cannot be used.
    pub fn new(
        url: &str,
        namespace: &str,
        tls: &Tls,
        allow_plaintext: bool,
    ) -> Result<Self, Error> {
        let store = Self {
            url: url.to_owned(),
            tls: tls.clone(),
            prefix: format!("{{{namespace}}}"),
            allow_plaintext,
            connection: OnceCell::new(),
        };
        store.address()?;
        Ok(store)
    }

    /// Returns a section of the server's `INFO`, by the names of its lines `name:value`.
    pub async fn info(&self, section: &str) -> Result<BTreeMap<String, String>, Error> {
        let mut ask = redis::cmd("INFO");
        let text: String = ask
            .arg(section)
            .query_async(&mut self.connection().await?)
            .await?;
        let pairs = text.lines().filter_map(|line| line.split_once(':'));
        Ok(pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect())
    }

    fn address(&self) -> Result<Address, Error> {
        let address = Address::parse(&self.url).ok_or(Error::BadUrl)?;
        address.over(&self.tls)
    }

    async fn connection(&self) -> Result<Connection, Error> {
        let open = async || {
            let address = self.address()?;
            Connection::open(address, &self.prefix, self.allow_plaintext).await
        };
        Ok(self.connection.get_or_try_init(open).await?.clone())
    }

    fn key(&self, id: VerificationId) -> String {
        format!("{}:key:{id}", self.prefix)
    }

    fn keys(&self, ids: &[VerificationId]) -> Vec<String> {
        ids.iter().map(|id| self.key(*id)).collect()
    }

    async fn set(&self, records: &[(VerificationId, Vec<u8>)]) -> Result<(), Error> {
        let mut set = redis::cmd("MSET");
        for (id, record) in records {
            set.arg(self.key(*id)).arg(record);
        }
        Ok(set.exec_async(&mut self.connection().await?).await?)
    }

    async fn set_existing(&self, records: &[(VerificationId, Vec<u8>)]) -> Result<(), Error> {
        let mut set = redis::pipe();
        for (id, record) in records {
            set.cmd("SET").arg(self.key(*id)).arg(record).arg("XX");
        }
        Ok(set.exec_async(&mut self.connection().await?).await?)
    }

    async fn read(&self, ids: &[VerificationId]) -> Result<Vec<Option<Vec<u8>>>, Error> {
        let mut ask = redis::cmd("MGET");
        ask.arg(self.keys(ids));
        Ok(ask.query_async(&mut self.connection().await?).await?)
    }

    async fn remove(&self, ids: &[VerificationId]) -> Result<(), Error> {
        let mut delete = redis::cmd("DEL");
        delete.arg(self.keys(ids));
        Ok(delete.exec_async(&mut self.connection().await?).await?)
    }

    /// Returns some ids, and the cursor behind them; 0 at the end.
    async fn page(&self, cursor: u64) -> Result<(u64, Vec<VerificationId>), Error> {
        let before_id = format!("{}:key:", self.prefix);
        let mut ask = redis::cmd("SCAN");
        ask.arg(cursor).arg("COUNT").arg(AT_ONCE);
        let (next, keys): (u64, Vec<String>) =
            ask.query_async(&mut self.connection().await?).await?;
        let ids = keys.iter().filter_map(|key| {
            let id = key.strip_prefix(&before_id)?;
            id.parse().ok()
        });
        Ok((next, ids.collect()))
    }

    async fn own(&self, owner: &str) -> Result<bool, Error> {
        let key = format!("{}:key-records-owner", self.prefix);
        let known: String = redis::pipe()
            .set_nx(&key, owner)
            .ignore()
            .get(&key)
            .query_async(&mut self.connection().await?)
            .await
            .map(|(known,): (String,)| known)?;
        Ok(known == owner)
    }
}

/// The texts of refusals name the setting of the queue's Redis, and this is another one.
fn told(error: &Error) -> String {
    error
        .to_string()
        .replace("KYC_REDIS_URL", "KYC_KEY_RECORDS")
}

impl KeyRecordStore for RedisKeyRecords {
    fn put<'a>(&'a self, records: &'a [(VerificationId, Vec<u8>)]) -> StoreAnswer<'a, ()> {
        async move { self.set(records).await.map_err(|error| told(&error)) }.boxed()
    }

    fn replace<'a>(&'a self, records: &'a [(VerificationId, Vec<u8>)]) -> StoreAnswer<'a, ()> {
        async move {
            let replaced = self.set_existing(records).await;
            replaced.map_err(|error| told(&error))
        }
        .boxed()
    }

    fn get<'a>(&'a self, ids: &'a [VerificationId]) -> StoreAnswer<'a, Vec<Option<Vec<u8>>>> {
        async move { self.read(ids).await.map_err(|error| told(&error)) }.boxed()
    }

    fn delete<'a>(&'a self, ids: &'a [VerificationId]) -> StoreAnswer<'a, ()> {
        async move { self.remove(ids).await.map_err(|error| told(&error)) }.boxed()
    }

    fn ids(&self) -> BoxStream<'_, Result<VerificationId, String>> {
        let pages = stream::try_unfold(Some(0), async |cursor: Option<u64>| {
            let Some(cursor) = cursor else {
                return Ok::<_, String>(None);
            };
            let (next, ids) = self.page(cursor).await.map_err(|error| told(&error))?;
            let ids = stream::iter(ids.into_iter().map(Ok));
            Ok(Some((ids, Some(next).filter(|next| *next != 0))))
        });
        pages.try_flatten().boxed()
    }

    fn claim<'a>(&'a self, owner: &'a str) -> StoreAnswer<'a, bool> {
        async move { self.own(owner).await.map_err(|error| told(&error)) }.boxed()
    }
}
