//! A completed job, as the script takes it. Jobs with common values are sent in groups.

use std::sync::Arc;

use kyc_domain::TypedNumber;
use kyc_vault::Vault;
use redis::ScriptInvocation;

use crate::{
    Published,
    enqueue::header::json,
    index::keys::IndexKeys,
    script::arguments,
    worker::{lease::Ticket, progress::Progress},
};

/// Returns the MAC of a result, by which its tenant can tell that a worker published it.
fn mac_of(vault: &Vault, tenant: &str, result: &str) -> String {
    // A worker always has keys that open.
    let key = vault.results_key(tenant, None);
    key.map(|key| key.sign(result.as_bytes()))
        .unwrap_or_default()
}

/// A completed job, ready to be written.
pub(crate) struct Completion {
    pub(crate) ticket: Arc<Ticket>,
    pub(crate) verdict: &'static str,
    pub(crate) reasons: Vec<String>,
    /// Whether the answer is a sandbox's.
    pub(crate) sandbox: bool,
    pub(crate) sealed: Vec<u8>,
    /// The progress including this attempt.
    pub(crate) progress: Progress,
    /// Whether there is a record. The absence of one may change.
    pub(crate) has_record: bool,
    /// The numbers of the record.
    pub(crate) numbers: Vec<TypedNumber>,
    /// Whether images were stored.
    pub(crate) has_images: bool,
    /// When the retained answer arrived on which the outcome is based, in milliseconds by Redis'
    /// clock; 0 for other outcomes.
    pub(crate) retained_since: i64,
}

/// The values that several jobs have in common, sent to the script once. The order is arbitrary.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Group<'a> {
    batch: u64,
    kind: &'a str,
    verdict: &'a str,
    /// Calls of this attempt.
    calls: u32,
    pauses: u32,
    has_record: bool,
    has_images: bool,
}

impl Group<'_> {
    pub(super) fn write(&self, call: &mut ScriptInvocation<'_>, jobs: usize) {
        let counts_as = format!("completed {} {}", self.kind, self.verdict);
        let group = arguments::CompletedGroup {
            count: jobs,
            batch: self.batch,
            kind: self.kind,
            counts_as: &counts_as,
            calls: self.calls,
            pauses: self.pauses,
            has_record: u8::from(self.has_record),
            has_images: u8::from(self.has_images),
        };
        group.write(call);
    }
}

impl Completion {
    pub(super) fn group(&self) -> Group<'_> {
        let ticket = &*self.ticket;
        Group {
            batch: ticket.batch,
            kind: &ticket.header.kind,
            verdict: self.verdict,
            calls: self.progress.calls.saturating_sub(ticket.progress.calls),
            pauses: ticket.pauses,
            has_record: self.has_record,
            has_images: self.has_images,
        }
    }

    /// Appends the job to a call. Without `index`, the numbers of its record are marked as not indexed.
    pub(super) fn write(
        &self,
        vault: &Vault,
        index: Option<&IndexKeys>,
        call: &mut ScriptInvocation<'_>,
    ) {
        let Ticket { id, header, .. } = &*self.ticket;
        let Self {
            verdict,
            reasons,
            sandbox,
            ..
        } = self;
        let result = json(&Published::completed(
            *id, header, verdict, reasons, *sandbox,
        ));
        let job = arguments::CompletedJob {
            id: &id.to_string(),
            tenant: &header.tenant,
            result: &result,
            mac: &mac_of(vault, &header.tenant, &result),
            sealed: &self.sealed,
            progress: &json(&self.progress),
            persons: &match index {
                Some(index) => index.persons(&header.tenant, &self.numbers),
                None if self.numbers.is_empty() => String::new(),
                None => "?".to_owned(),
            },
            more: &self.rest(),
        };
        job.write(call);
    }

    /// Returns the values that only a few jobs have, or an empty string without any.
    fn rest(&self) -> String {
        let Ticket {
            header, progress, ..
        } = &*self.ticket;
        let (index, coalescing) = (header.idempotency.as_deref(), header.coalescing.as_ref());
        let (has_deadline, has_retained) = (header.deadline.is_some(), progress.answer.is_some());
        if index.is_none() && coalescing.is_none() && !has_deadline && !has_retained {
            return String::new();
        }
        format!(
            "{} {} {} {} {} {}",
            index.unwrap_or("-"),
            u8::from(has_deadline),
            coalescing.map_or("-", |coalescing| &coalescing.index),
            coalescing.map_or(0, |coalescing| coalescing.window),
            u8::from(has_retained),
            self.retained_since.max(0),
        )
    }
}
