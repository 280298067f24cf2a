//! What a file would do and cost, without submitting it.

use std::{
    collections::{BTreeMap, HashSet},
    hash::{BuildHasher, RandomState},
};

use kyc_domain::{Priority, Request};

use super::{
    body::{Rows, empty},
    report::{DryRun, Errors},
};
use crate::{Gateway, problem::Problem, verifications::of_tenant};

/// Rows whose answers are looked for together.
const AT_ONCE: usize = 200;

/// Reads a whole file.
pub(super) async fn run(
    gateway: &Gateway,
    tenant: &str,
    mut rows: Rows,
) -> Result<DryRun, Problem> {
    let mut trial = Trial::new(gateway);
    while let Some(row) = rows.next().await? {
        let job = row
            .job
            .and_then(|mut request| of_tenant(&mut request, tenant).map(|()| request));
        match job {
            Ok(request) => trial.add(request).await?,
            Err(refusals) => trial.errors.refuse(row.line, &refusals),
        }
    }
    if rows.count == 0 {
        return Err(empty());
    }
    trial.finish(rows.count).await
}

struct Trial<'a> {
    gateway: &'a Gateway,
    pending: Vec<Request>,
    /// What the rows so far ask for, as hashes: the file is not kept.
    asked: HashSet<u64>,
    hashes: RandomState,
    valid: u64,
    duplicates: u64,
    reusable: Option<u64>,
    calls: BTreeMap<(&'static str, &'static str), u64>,
    errors: Errors,
}

impl<'a> Trial<'a> {
    fn new(gateway: &'a Gateway) -> Self {
        Self {
            gateway,
            pending: Vec::with_capacity(AT_ONCE),
            asked: HashSet::new(),
            hashes: RandomState::new(),
            valid: 0,
            duplicates: 0,
            reusable: Some(0),
            calls: BTreeMap::new(),
            errors: Errors::default(),
        }
    }

    async fn add(&mut self, request: Request) -> Result<(), Problem> {
        self.valid += 1;
        if !self.asked.insert(self.asks(&request)) {
            self.duplicates += 1;
            // One answer serves both, if this installation reuses answers.
            if self.gateway.queue().coalesces(&request) {
                return Ok(());
            }
        }
        self.pending.push(request);
        if self.pending.len() == AT_ONCE {
            self.count_calls().await?;
        }
        Ok(())
    }

    /// Returns a hash of what the provider is asked for, and to which purpose.
    fn asks(&self, request: &Request) -> u64 {
        let subject = &request.subject;
        let details: Vec<_> = subject
            .details
            .iter()
            .map(|(field, value)| (field, value.expose()))
            .collect();
        let purpose = &request.terms.purpose;
        self.hashes
            .hash_one((request.kind, subject.number.written(), details, purpose))
    }

    async fn count_calls(&mut self) -> Result<(), Problem> {
        let pending = std::mem::take(&mut self.pending);
        let requests: Vec<&Request> = pending.iter().collect();
        let reusable = self.gateway.queue().reusable(&requests).await?;
        self.reusable = self.reusable.filter(|_| reusable.is_some());
        for (nth, request) in pending.iter().enumerate() {
            if reusable.as_ref().is_some_and(|reusable| reusable[nth]) {
                self.reusable = self.reusable.map(|count| count + 1);
                continue;
            }
            let of = (request.kind, request.terms.priority.as_str());
            *self.calls.entry(of).or_default() += 1;
        }
        Ok(())
    }

    async fn finish(mut self, rows: u64) -> Result<DryRun, Problem> {
        self.count_calls().await?;
        let mut done_by = Some(jiff::Timestamp::now());
        for ((kind, priority), calls) in &self.calls {
            let priority = Priority::parse(priority).unwrap_or_default();
            let end = self
                .gateway
                .queue()
                .forecast(kind, priority, *calls)
                .await?;
            done_by = done_by.zip(end).map(|(one, other)| one.max(other));
        }
        Ok(DryRun {
            rows,
            valid: self.valid,
            duplicates: self.duplicates,
            reusable: self.reusable,
            calls: self.calls.values().sum(),
            done_by,
            refused: self.errors,
        })
    }
}
