//! Assesses stored verifications again: page by page, on all processors, without writing anything.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use kyc_domain::{MatchPolicies, VerificationId};
use kyc_kinds::Rules;
use kyc_queue::{Queue, Stored, StoredPage};
use serde::Serialize;
use tokio::task::JoinSet;

use crate::output;

/// Verifications that are read together.
const PAGE: usize = 200;

/// A filter of verifications. A field that is `None` accepts all.
pub(super) struct Wanted {
    pub(super) kind: Option<&'static str>,
    pub(super) tenant: Option<String>,
}

impl Wanted {
    fn lets_through(&self, stored: &Stored) -> bool {
        let of_kind = self.kind.is_none_or(|kind| kind == stored.kind);
        let tenant = self.tenant.as_deref();
        of_kind && tenant.is_none_or(|tenant| tenant == stored.tenant)
    }
}

/// The result of assessing stored verifications again.
#[derive(Default, Serialize)]
pub(crate) struct Tally {
    /// All verifications that were read.
    pub(crate) verifications: u64,
    /// How many of them would have another verdict.
    pub(crate) changed: u64,
    /// How many would have the same verdict, including those without a record.
    pub(crate) unchanged: u64,
    /// How many have no record, so that no policy affects them.
    pub(crate) without_record: u64,
    /// How many could not be opened or read.
    pub(crate) unreadable: u64,
    pub(crate) changes: Vec<Change>,
}

/// The verifications whose verdict would change from one value to another.
#[derive(Serialize)]
pub(crate) struct Change {
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
    pub(crate) verifications: u64,
    /// The oldest of these verifications.
    pub(crate) ids: Vec<VerificationId>,
}

/// Assesses again whatever was completed within that time, by these policies. At most `most` ids of each change are kept.
pub(super) async fn assess_again(
    queue: &Queue,
    within: Duration,
    wanted: Wanted,
    matching: MatchPolicies,
    most: usize,
) -> Result<Tally> {
    let mut completed = queue.completed_within(within).await?;
    let progress = output::count(completed.total());
    let bench = Arc::new(Bench {
        queue: queue.clone(),
        wanted,
        matching,
    });
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    let mut assessing = JoinSet::new();
    let mut totals = Totals::default();
    while let Some(page) = completed.next(PAGE).await? {
        // At most `at_once` pages are in memory, and one that is being read.
        if assessing.len() >= at_once
            && let Some(assessed) = assessing.join_next().await
        {
            totals.add(assessed.context("assessing broke off")?, most);
        }
        progress.inc(page.len());
        let bench = Arc::clone(&bench);
        assessing.spawn_blocking(move || bench.assess(&page));
    }
    while let Some(assessed) = assessing.join_next().await {
        totals.add(assessed.context("assessing broke off")?, most);
    }
    progress.finish_and_clear();
    Ok(totals.tally(most))
}

/// Everything that assessing a page needs.
struct Bench {
    queue: Queue,
    wanted: Wanted,
    matching: MatchPolicies,
}

/// The result for one verification.
enum Again {
    Same,
    WithoutRecord,
    Other {
        from: &'static str,
        to: &'static str,
    },
    Unreadable,
}

/// The results for one page.
struct Assessed {
    unreadable: u64,
    each: Vec<(VerificationId, Again)>,
}

impl Bench {
    fn assess(&self, page: &StoredPage) -> Assessed {
        let meant = page.stored.iter();
        let meant = meant.filter(|stored| self.wanted.lets_through(stored));
        Assessed {
            unreadable: page.unreadable,
            each: meant.map(|stored| (stored.id, self.one(stored))).collect(),
        }
    }

    fn one(&self, stored: &Stored) -> Again {
        let Ok(known) = self.queue.reopen(stored) else {
            return Again::Unreadable;
        };
        let Some(record) = known.record else {
            return Again::WithoutRecord;
        };
        let Ok(request) = kyc_kinds::parse(&known.request, Rules::ACCEPTED) else {
            return Again::Unreadable;
        };
        let verdict = self.matching.assess(&request, &record).verdict;
        if verdict == known.verdict {
            return Again::Same;
        }
        Again::Other {
            from: known.verdict.as_str(),
            to: verdict.as_str(),
        }
    }
}

#[derive(Default)]
struct Totals {
    tally: Tally,
    changes: BTreeMap<(&'static str, &'static str), (u64, Vec<VerificationId>)>,
}

impl Totals {
    fn add(&mut self, page: Assessed, most: usize) {
        let tally = &mut self.tally;
        tally.verifications += page.unreadable + page.each.len() as u64;
        tally.unreadable += page.unreadable;
        for (id, again) in page.each {
            match again {
                Again::Same => tally.unchanged += 1,
                Again::WithoutRecord => {
                    tally.unchanged += 1;
                    tally.without_record += 1;
                }
                Again::Unreadable => tally.unreadable += 1,
                Again::Other { from, to } => {
                    tally.changed += 1;
                    let (count, ids) = self.changes.entry((from, to)).or_default();
                    *count += 1;
                    ids.push(id);
                }
            }
        }
        // Pages are finished in any order, so the oldest ids are known only at the end.
        for (_, ids) in self.changes.values_mut() {
            if ids.len() > most {
                ids.sort_unstable();
                ids.truncate(most);
            }
        }
    }

    /// Returns the tally, with the most frequent change first.
    fn tally(self, most: usize) -> Tally {
        let change = |((from, to), (verifications, mut ids)): ((_, _), (u64, Vec<_>))| {
            ids.sort_unstable();
            ids.truncate(most);
            Change {
                from,
                to,
                verifications,
                ids,
            }
        };
        let mut changes: Vec<Change> = self.changes.into_iter().map(change).collect();
        changes.sort_by_key(|change| std::cmp::Reverse(change.verifications));
        Tally {
            changes,
            ..self.tally
        }
    }
}
