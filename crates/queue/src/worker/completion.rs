//! A job's end, as the script takes it: jobs that have much in common go in groups.

use std::sync::Arc;

use redis::ScriptInvocation;

use crate::{
    Published,
    enqueue::header::json,
    script::arguments,
    worker::{lease::Ticket, progress::Progress},
};

/// A job's end, ready to be written.
pub(crate) struct Completion {
    pub(crate) ticket: Arc<Ticket>,
    pub(crate) verdict: &'static str,
    pub(crate) reasons: Vec<String>,
    /// Whether the answer is a sandbox's.
    pub(crate) sandbox: bool,
    pub(crate) sealed: Vec<u8>,
    /// With this attempt.
    pub(crate) progress: Progress,
    /// There is a record; that there is none may change.
    pub(crate) has_record: bool,
    /// Images were stored.
    pub(crate) has_images: bool,
    /// When the answer came that was kept, where the outcome is by that one, in milliseconds by Redis' clock; else 0.
    pub(crate) retained_since: i64,
}

/// What several jobs have in common: the script is told once. `Ord` is any order.
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

    pub(super) fn write(&self, call: &mut ScriptInvocation<'_>) {
        let Ticket { id, header, .. } = &*self.ticket;
        let result = Published::completed(*id, header, self.verdict, &self.reasons, self.sandbox);
        let job = arguments::CompletedJob {
            id: &id.to_string(),
            result: &json(&result),
            sealed: &self.sealed,
            progress: &json(&self.progress),
            more: &self.rest(),
        };
        job.write(call);
    }

    /// What few jobs have; empty where there is nothing of it.
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
