//! The steps of a bulk operation. Each request does some of them, and what it did stays if it breaks off.

use std::{collections::HashSet, time::Duration};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use kyc_domain::VerificationId;
use kyc_queue::{BulkId, BulkOperation, BulkState, Filter, Handled, Place, Seen, Verification};
use kyc_vault::sha256;
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::{
    Gateway,
    caller::random,
    operations::{ActError, Action, Executor},
    problem::Problem,
};

/// Verifications that one step counts, and handles.
const COUNTED: usize = 500;
const HANDLED: u64 = 50;
/// Ids that an answer shows.
const SAMPLE: usize = 20;
/// The most groups that are told apart; kinds and codes are few.
const GROUPS: usize = 200;
/// 32 letters and digits: 190 bits.
const SECRET: usize = 32;

/// The token with which a bulk operation is done: its id and a secret, of which the hash is stored.
pub(super) struct Token {
    operation: BulkId,
    secret: Zeroizing<String>,
}

impl Token {
    fn generate(operation: BulkId) -> Self {
        Self {
            operation,
            secret: Zeroizing::new(random(SECRET)),
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let (operation, secret) = text.split_once('.')?;
        Some(Self {
            operation: operation.parse().ok()?,
            secret: Zeroizing::new(secret.to_owned()),
        })
    }

    pub(super) fn operation(&self) -> BulkId {
        self.operation
    }

    /// Returns whether it is that of this operation.
    pub(super) fn is_of(&self, operation: &BulkOperation) -> bool {
        let known = operation.token_hash.as_deref().unwrap_or_default();
        verify_slices_are_equal(self.hash().as_bytes(), known.as_bytes()).is_ok()
    }

    fn hash(&self) -> String {
        hex::encode(sha256(self.secret.as_bytes()))
    }

    fn expose(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{}.{}", self.operation, *self.secret))
    }
}

/// Counts for so long, at least one step. Once all are counted, returns the token too.
pub(super) async fn count(
    gateway: &Gateway,
    mut operation: BulkOperation,
    filter: Filter,
    works: Duration,
) -> Result<(BulkOperation, Option<Zeroizing<String>>), Problem> {
    let queue = gateway.queue();
    if !queue.enter_bulk(operation.id).await? {
        return Ok((operation, None));
    }
    let counted = count_on(gateway, &mut operation, filter, works).await;
    queue.leave_bulk(operation.id).await?;
    Ok((operation, counted?))
}

async fn count_on(
    gateway: &Gateway,
    operation: &mut BulkOperation,
    mut filter: Filter,
    works: Duration,
) -> Result<Option<Zeroizing<String>>, Problem> {
    let (queue, end) = (gateway.queue(), Instant::now() + works);
    let kinds: Vec<&str> = kyc_kinds::names().collect();
    filter.seen_at = Some(operation.seen_at);
    // Another request may have counted some meanwhile.
    if let Some(known) = queue.bulk(operation.id).await? {
        *operation = known;
    }
    let mut seen = HashSet::new();
    while operation.state == BulkState::Counting {
        let cursor = operation.counted.cursor.as_deref();
        let page = queue.jobs(&filter, &kinds, cursor, COUNTED).await?;
        let mut ids = Vec::with_capacity(page.jobs.len());
        // A job that moves within the ready queues while they are read can come twice.
        for job in page.jobs.iter().filter(|job| seen.insert(job.id)) {
            add(operation, job);
            ids.push(job.id);
        }
        operation.counted.cursor = page.next;
        queue
            .count_bulk(operation.id, &ids, &operation.counted)
            .await?;
        if operation.counted.cursor.is_none() {
            let token = Token::generate(operation.id);
            queue.arm_bulk(operation.id, &token.hash()).await?;
            operation.state = BulkState::Counted;
            return Ok(Some(token.expose()));
        }
        if Instant::now() >= end || gateway.is_stopping() {
            break;
        }
        queue.stay_in_bulk(operation.id).await?;
    }
    Ok(None)
}

fn add(operation: &mut BulkOperation, job: &Verification) {
    let counted = &mut operation.counted;
    counted.jobs += 1;
    let name = format!("{} {}", job.kind, job.code.as_deref().unwrap_or_default());
    let is_known = counted.groups.contains_key(&name) || counted.groups.len() < GROUPS;
    let name = if is_known {
        name
    } else {
        format!("{} others", job.kind)
    };
    *counted.groups.entry(name).or_default() += 1;
    if counted.sample.len() < SAMPLE {
        counted.sample.push(job.id.to_string());
    }
}

/// Does it for so long, at least one step.
pub(super) async fn act(
    gateway: &Gateway,
    mut operation: BulkOperation,
    action: &'static Action,
    place: Place,
    works: Duration,
) -> Result<BulkOperation, Problem> {
    let queue = gateway.queue();
    if operation.state == BulkState::Done || !queue.enter_bulk(operation.id).await? {
        return Ok(operation);
    }
    let acted = act_on(gateway, &mut operation, action, place, works).await;
    queue.leave_bulk(operation.id).await?;
    acted.map(|()| operation)
}

async fn act_on(
    gateway: &Gateway,
    operation: &mut BulkOperation,
    action: &'static Action,
    place: Place,
    works: Duration,
) -> Result<(), Problem> {
    let (queue, end) = (gateway.queue(), Instant::now() + works);
    // Another request may have done some meanwhile.
    if let Some(known) = queue.bulk(operation.id).await? {
        *operation = known;
    }
    let executor = Executor {
        queue: queue.clone(),
        blobs: action.with_images.then(|| gateway.blobs().clone()),
        seen: Some(Seen {
            place,
            at: operation.seen_at,
        }),
    };
    if operation.state == BulkState::Counted {
        log("Began a bulk operation over the API", operation);
    }
    while operation.state != BulkState::Done {
        let ids = queue.next_of_bulk(operation, HANDLED).await?;
        let handled = handle(&executor, action, &ids).await?;
        queue.handle_bulk(operation, handled).await?;
        if operation.state == BulkState::Done {
            log("Ended a bulk operation over the API", operation);
        } else if Instant::now() >= end || gateway.is_stopping() {
            break;
        } else {
            queue.stay_in_bulk(operation.id).await?;
        }
    }
    Ok(())
}

fn log(what: &str, operation: &BulkOperation) {
    tracing::info!(
        key = operation.by,
        operation = %operation.id,
        request = operation.about,
        jobs = operation.counted.jobs,
        done = operation.handled.done,
        skipped = operation.handled.skipped,
        failed = operation.handled.failed,
        "{what}"
    );
}

/// Handles some verifications. If none of them can be handled, nothing is noted, so that the request can be repeated.
async fn handle(
    executor: &Executor,
    action: &'static Action,
    ids: &[VerificationId],
) -> Result<Handled, Problem> {
    let mut handled = Handled::default();
    let mut trouble = None;
    for (_, became) in executor.apply_all(action, ids).await {
        match became {
            Ok(None) => handled.done += 1,
            Ok(Some(_)) => handled.skipped += 1,
            Err(ActError::Queue(error)) => return Err(error.into()),
            Err(ActError::Images { error, .. }) => {
                handled.failed += 1;
                trouble = Some(error);
            }
        }
    }
    let Some(error) = trouble else {
        return Ok(handled);
    };
    tracing::warn!(%error, "Could not delete the images of verifications");
    if handled.failed < handled.all() {
        return Ok(handled);
    }
    Err(Problem {
        detail: "images cannot be deleted at the moment; what was done so far stays done".into(),
        ..Problem::unavailable()
    })
}
