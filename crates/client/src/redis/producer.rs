//! Adds sealed jobs to the inboxes of tenants.

use kyc_domain::{Request, Tenant, streams};
use kyc_kinds::Rules;
use kyc_vault::PublicKey;
use redis::aio::ConnectionLike;

use super::{Error, QUEUE};
use crate::{Job, SealedJob};

/// Seals jobs and adds them to the inbox of their tenant, where a worker accepts them.
#[derive(Clone)]
pub struct Producer<C> {
    connection: C,
    key: PublicKey,
    queue: String,
    rules: Rules,
}

impl<C: ConnectionLike + Clone> Producer<C> {
    /// A producer that seals with this key, as `kyc keys public` prints it.
    pub fn new(connection: C, key: PublicKey) -> Self {
        Self {
            connection,
            key,
            queue: QUEUE.to_owned(),
            rules: Rules::default(),
        }
    }

    /// For the queue with this name: the setting `namespace` of the installation.
    #[must_use]
    pub fn queue(mut self, name: &str) -> Self {
        name.clone_into(&mut self.queue);
        self
    }

    /// Checks jobs with these rules. A worker has the last word with its own.
    #[must_use]
    pub fn rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// Checks, seals and adds a job. Returns the id of its entry in the inbox; the job gets its own id when a worker accepts it.
    ///
    /// # Errors
    ///
    /// [`Error::may_have_been_added`] tells whether the job can be there all the same. It is sent once.
    pub async fn add(&self, job: &Job) -> Result<String, Error> {
        self.add_request(&job.check(self.rules)?).await
    }

    /// Seals and adds a job that was checked, as [`Producer::add`].
    ///
    /// # Errors
    ///
    /// As [`Producer::add`].
    pub async fn add_request(&self, request: &Request) -> Result<String, Error> {
        let job = SealedJob::new(request, &self.key);
        let mut add = redis::cmd("XADD");
        add.arg(streams::key(&self.queue, &streams::inbox(&job.tenant)));
        // The inbox of a tenant begins with `kyc tenants add`. Nobody would read another one.
        if job.tenant != Tenant::DEFAULT {
            add.arg("NOMKSTREAM");
        }
        add.arg("*").arg("key").arg(job.key);
        add.arg("sealed").arg(job.sealed);
        match add
            .query_async::<Option<String>>(&mut self.connection.clone())
            .await
        {
            Ok(entry) => entry.ok_or(Error::NoInbox),
            Err(error) if error.code() == Some("NOPERM") => Err(Error::Forbidden),
            Err(error) => Err(error.into()),
        }
    }
}
