//! The key records of leased jobs, where they have a store of their own. While that is out of reach, a worker leases nothing,
//! and gives back what it has leased.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use kyc_domain::VerificationId;
use kyc_vault::record_name;

use crate::{
    Error, Leased, Leave, measure,
    worker::{in_flight::Held, lease::Ticket, state::Worker},
};

/// Exists while a worker cannot reach the store of key records, so that others can tell why jobs wait.
pub(crate) const NOTE: &str = "key-records-trouble";
/// The note outlives the longest pause between two tries.
const NOTE_MS: u64 = 30_000;

impl Worker {
    /// Returns how long to lease nothing, because the store of key records does not answer. Asks it if that is due.
    pub(crate) async fn key_records_pause(&self) -> Option<Duration> {
        let left = self.outage.left()?;
        if !left.is_zero() {
            return Some(left);
        }
        if !self.queue.config().key_records.is_any() {
            // Only what is with the jobs can be had: the next job whose record is not makes the pause longer.
            return None;
        }
        match self.queue.config().key_records.reach().await {
            Ok(()) => {
                if self.outage.ended() {
                    tracing::info!("The store of key records answers: taking jobs again");
                }
                let _ = self.note(redis::cmd("DEL"), &[]).await;
                None
            }
            Err(error) => {
                self.key_records_failed(&error).await;
                self.outage.left()
            }
        }
    }

    async fn key_records_failed(&self, error: &Error) {
        measure::trouble("key_records");
        if self.outage.failed() {
            tracing::error!(%error, "Could not get key records: this worker takes no jobs until it can; look at key_records");
        } else {
            tracing::debug!(%error, "Could not get key records; trying again");
        }
        let _ = self
            .note(redis::cmd("SET"), &["1", "PX", &NOTE_MS.to_string()])
            .await;
    }

    async fn note(&self, mut command: redis::Cmd, arguments: &[&str]) -> Result<(), Error> {
        command.arg(self.queue.key(NOTE)).arg(arguments);
        Ok(command.exec_async(&mut self.queue.connection()).await?)
    }

    /// Fetches the key records that leased jobs need and that are not with the jobs. Jobs whose records cannot be fetched are
    /// given back without an attempt.
    pub(crate) async fn with_key_records(&self, mut jobs: Vec<Leased>) -> Vec<Leased> {
        let wanted: BTreeMap<VerificationId, Vec<u8>> =
            jobs.iter().flat_map(Leased::in_store).collect();
        if wanted.is_empty() {
            return jobs;
        }
        let wanted: Vec<(VerificationId, Vec<u8>)> = wanted.into_iter().collect();
        let records = match self.queue.key_records(wanted.clone()).await {
            Ok(records) => records,
            Err(error) => {
                self.key_records_failed(&error).await;
                let lacks = |job: &Leased| job.in_store().next().is_some();
                let (lack, have): (Vec<Leased>, Vec<Leased>) = jobs.into_iter().partition(lacks);
                self.release_leased(&lack).await;
                return have;
            }
        };
        let mut found = BTreeMap::new();
        for ((id, name), record) in wanted.into_iter().zip(records) {
            let current = record.as_deref().and_then(record_name);
            if let Some(current) = current.filter(|current| *current != name) {
                // If this fails, the next worker corrects it.
                let _ = self.queue.correct_name(id, &name, current).await;
            }
            found.insert(id, record.unwrap_or_default());
        }
        for job in &mut jobs {
            job.take_records(&found);
        }
        jobs
    }

    /// Gives back jobs that were just leased.
    async fn release_leased(&self, jobs: &[Leased]) {
        let releasing = jobs.iter().map(async |job| {
            let lease = held(&job.ticket);
            self.release(&lease).await;
            self.in_flight.returned(&lease);
        });
        futures::future::join_all(releasing).await;
    }
}

fn held(ticket: &Ticket) -> Held {
    Held {
        id: ticket.id,
        kind: ticket.header.kind.clone(),
        batch: ticket.batch,
        given_us: ticket.given_us,
        slot_us: ticket.slot_us,
        sent: false,
    }
}

impl Leased {
    /// The jobs whose key records this one needs from the store, each with the name of its record.
    fn in_store(&self) -> impl Iterator<Item = (VerificationId, Vec<u8>)> {
        let own = self
            .ticket
            .name_in_store()
            .map(|name| (self.ticket.id, name));
        let other = match &self.leave {
            Leave::Reuse(answer) => answer.name_in_store(),
            Leave::Call(_) | Leave::Reread(_) => None,
        };
        own.into_iter().chain(other)
    }

    /// Takes the key records that it needs from the store; empty ones are gone.
    fn take_records(&mut self, found: &BTreeMap<VerificationId, Vec<u8>>) {
        let own = self.ticket.name_in_store();
        // Nobody else has the ticket yet.
        if own.is_some()
            && let Some(ticket) = Arc::get_mut(&mut self.ticket)
        {
            ticket.record = found.get(&ticket.id).cloned().unwrap_or_default();
        }
        if let Leave::Reuse(answer) = &mut self.leave
            && let Some((id, _)) = answer.name_in_store()
        {
            answer.record = found.get(&id).cloned().unwrap_or_default();
        }
    }
}
