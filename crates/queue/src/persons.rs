//! Finds the verifications of a person, and indexes them anew.

use std::collections::{BTreeMap, BTreeSet};

use kyc_domain::{Record, Refusals, Request, TypedNumber, VerificationId};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::{
    Error, Queue,
    enqueue::header::Header,
    index::keys::IndexKeys,
    inspect::sealed::{SealedFields, SealedJob},
    script::{self, arguments},
};

/// Ids that one step reads.
const READ_AT_ONCE: usize = 1000;
/// Jobs that are opened and indexed anew in one step.
const AT_ONCE: usize = 100;
/// How often a job is opened that gets other indexes meanwhile, because it completes.
const TRIES: usize = 3;

/// What indexing jobs anew did.
#[derive(Default)]
pub(crate) struct Reindexed {
    /// Jobs that have other indexes now.
    pub(crate) done: u64,
    /// Jobs that could not be opened, and stay as they are.
    pub(crate) left: u64,
    /// The older index keys that are needed, each with the number of jobs that need it.
    pub(crate) needs: BTreeMap<String, u64>,
}

/// A job whose numbers are indexed by another key than the newest, or not at all.
struct Outdated {
    id: String,
    known: String,
}

impl Queue {
    /// Returns all verifications of a tenant in which a number occurs, the newest first: it is the number of the subject, or
    /// claimed, or in the record.
    ///
    /// # Errors
    ///
    /// [`Error::Sealed`] in a process without keys to open with.
    pub async fn find_person(
        &self,
        tenant: &str,
        number: &TypedNumber,
    ) -> Result<Vec<VerificationId>, Error> {
        let index = self.current_index().await?;
        let mut ids = BTreeSet::new();
        for key in index.all() {
            let set = self.key(&format!("person:{}", key.person(tenant, number)));
            let mut cursor = 0_u64;
            loop {
                let mut scan = redis::cmd("SSCAN");
                scan.arg(&set).arg(cursor).arg("COUNT").arg(READ_AT_ONCE);
                let (next, some): (u64, Vec<String>) =
                    scan.query_async(&mut self.connection()).await?;
                ids.extend(
                    some.iter()
                        .filter_map(|id| id.parse::<VerificationId>().ok()),
                );
                cursor = next;
                if cursor == 0 {
                    break;
                }
            }
        }
        // Ids are in the order of time.
        Ok(ids.into_iter().rev().collect())
    }

    /// Indexes the numbers of these jobs by the newest key where they are not. `parse` reads a request as it was accepted.
    pub(crate) async fn reindex_some(
        &self,
        index: &IndexKeys,
        ids: &[String],
        parse: &(impl Fn(&[u8]) -> Result<Request, Refusals> + ?Sized),
        sum: &mut Reindexed,
    ) -> Result<(), Error> {
        let mut outdated = self.outdated(index, ids, sum).await?;
        for _ in 0..TRIES {
            if outdated.is_empty() {
                return Ok(());
            }
            let mut changed = Vec::new();
            for some in outdated.chunks(AT_ONCE) {
                changed.extend(self.reindex(index, some, parse, sum).await?);
            }
            // Its needs are known from the first time.
            outdated = self
                .outdated(index, &changed, &mut Reindexed::default())
                .await?;
        }
        for job in outdated {
            sum.leave(index, &job.known);
        }
        Ok(())
    }

    /// Counts the older keys that made the indexes of jobs' references and idempotency keys. A header cannot be changed, so
    /// these stay as they are.
    async fn needs_of_headers(
        &self,
        index: &IndexKeys,
        ids: &[String],
        sum: &mut Reindexed,
    ) -> Result<(), Error> {
        let mut ask = redis::pipe();
        for id in ids {
            ask.hget(self.key(&format!("job:{id}")), "header");
        }
        let headers: Vec<Option<Vec<u8>>> = ask.query_async(&mut self.connection()).await?;
        for text in headers.into_iter().flatten() {
            if let Ok(header) = serde_json::from_slice::<Header>(&text) {
                let named = [header.idempotency, header.reference_index];
                let named: Vec<String> = named.into_iter().flatten().collect();
                sum.need(index, &named.join(" "));
            }
        }
        Ok(())
    }

    /// Returns the jobs whose numbers are not indexed by the newest key, and counts what older keys their headers need.
    async fn outdated(
        &self,
        index: &IndexKeys,
        ids: &[String],
        sum: &mut Reindexed,
    ) -> Result<Vec<Outdated>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut ask = redis::cmd("HMGET");
        ask.arg(self.key("persons")).arg(ids);
        let known: Vec<Option<String>> = ask.query_async(&mut self.connection()).await?;
        if !index.older().is_empty() {
            self.needs_of_headers(index, ids, sum).await?;
        }
        let mut outdated = Vec::new();
        for (id, known) in ids.iter().zip(known) {
            let known = known.unwrap_or_default();
            let newest = index.newest().id();
            let is_current = |each: &str| index.maker(each) == Some(newest);
            if known.is_empty() || !known.split(' ').all(is_current) {
                let id = id.clone();
                outdated.push(Outdated { id, known });
            }
        }
        Ok(outdated)
    }

    /// Opens jobs and indexes them by the newest key. Returns the ids of those that got other indexes meanwhile.
    async fn reindex(
        &self,
        index: &IndexKeys,
        jobs: &[Outdated],
        parse: &(impl Fn(&[u8]) -> Result<Request, Refusals> + ?Sized),
        sum: &mut Reindexed,
    ) -> Result<Vec<String>, Error> {
        let mut ask = redis::pipe();
        for job in jobs {
            let key = self.key(&format!("job:{}", job.id));
            ask.cmd("HMGET").arg(key).arg(&SealedJob::FIELDS);
        }
        let mut found: Vec<SealedFields> = ask.query_async(&mut self.connection()).await?;
        self.fetch_key_records(jobs, &mut found).await?;
        let mut anew = Vec::new();
        for (job, fields) in jobs.iter().zip(found) {
            let is_gone = fields.0.is_none();
            match self.numbers_of(&job.id, fields, parse) {
                Some((tenant, numbers)) => anew.push((job, index.persons(&tenant, &numbers))),
                None if is_gone => {}
                None => sum.leave(index, &job.known),
            }
        }
        if anew.is_empty() {
            return Ok(Vec::new());
        }
        let changed: Vec<String> = self
            .run(&script::REINDEX, |call| {
                call.arg(index.state());
                for (job, new) in &anew {
                    let (id, known) = (&job.id, &job.known);
                    arguments::ReindexedJob { id, known, new }.write(call);
                }
            })
            .await?;
        if changed.first().is_some_and(|first| first == "stranger") {
            return Err(Error::IndexKeysChanged);
        }
        sum.done += (anew.len() - changed.len()) as u64;
        Ok(changed)
    }

    /// Fetches the key records of jobs that lie in a store.
    async fn fetch_key_records(
        &self,
        jobs: &[Outdated],
        found: &mut [SealedFields],
    ) -> Result<(), Error> {
        let (mut named, mut places) = (Vec::new(), Vec::new());
        for (job, (_, _, field, _, _)) in jobs.iter().zip(found) {
            if let (Ok(id), Some(name)) = (job.id.parse::<VerificationId>(), field.take()) {
                named.push((id, name));
                places.push(field);
            }
        }
        for (field, record) in places.into_iter().zip(self.key_records(named).await?) {
            *field = record;
        }
        Ok(())
    }

    /// Opens a job. Returns its tenant, and all its numbers; `None` if it cannot be opened.
    fn numbers_of(
        &self,
        id: &str,
        fields: SealedFields,
        parse: &(impl Fn(&[u8]) -> Result<Request, Refusals> + ?Sized),
    ) -> Option<(String, Vec<TypedNumber>)> {
        /// The part of an outcome that is used here.
        #[derive(Deserialize)]
        struct Outcome {
            record: Option<Record>,
        }
        let sealed = SealedJob::of(fields)?;
        let (key, request) = sealed.open(self.vault(), id).ok()?;
        let mut numbers = parse(&request).ok()?.numbers();
        let outcome: Option<Zeroizing<Vec<u8>>> = sealed.outcome(&key).ok()?;
        if let Some(outcome) = outcome {
            let outcome: Outcome = serde_json::from_slice(&outcome).ok()?;
            let of_record = outcome.record.iter().flat_map(Record::numbers);
            let new: Vec<_> = of_record.filter(|each| !numbers.contains(each)).collect();
            numbers.extend(new);
        }
        Some((sealed.header().tenant.clone(), numbers))
    }
}

impl Reindexed {
    /// Counts a job that stays as it is.
    fn leave(&mut self, index: &IndexKeys, known: &str) {
        self.left += 1;
        self.need(index, known);
    }

    /// Counts the older keys that made some indexes of a job.
    fn need(&mut self, index: &IndexKeys, indexes: &str) {
        let makers: BTreeSet<&str> = indexes
            .split(' ')
            .filter_map(|each| index.maker(each))
            .collect();
        for key in index.older().iter().filter(|key| makers.contains(key.id())) {
            *self.needs.entry(key.id().to_owned()).or_default() += 1;
        }
    }
}
