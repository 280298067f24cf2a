//! What people do to jobs, over the API and on the command line: retry, read again, cancel, discard.

use kyc_blobs::{Blobs, StoreError};
use kyc_domain::VerificationId;
use kyc_queue::{Cancelled, Place, Queue, Seen, State};
use tokio::task::JoinSet;

/// An action on jobs.
#[derive(Debug)]
pub struct Action {
    /// Its name.
    pub name: &'static str,
    /// The verb, for the question before the action.
    pub verb: &'static str,
    /// The participle, for the report after the action.
    pub done: &'static str,
    /// The places whose jobs it applies to.
    pub places: &'static [Place],
    /// Whether the images are deleted too.
    pub with_images: bool,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Retry,
    Reread,
    Cancel,
    Discard,
}

/// Retries dead jobs, starts scheduled ones, and repeats calls that may have been billed.
pub const RETRY: Action = Action {
    name: "retry",
    verb: "Retry",
    done: "retried",
    places: &[Place::Dead, Place::Scheduled, Place::NeedsDecision],
    with_images: false,
    what: What::Retry,
};

/// Assesses dead jobs by their retained answers.
pub const REREAD: Action = Action {
    name: "reread",
    verb: "Assess by their retained answers",
    done: "given to be read again",
    places: &[Place::Dead],
    with_images: false,
    what: What::Reread,
};

/// Cancels jobs that have not ended.
pub const CANCEL: Action = Action {
    name: "cancel",
    verb: "Cancel",
    done: "cancelled",
    places: &[
        Place::Waiting,
        Place::Scheduled,
        Place::NeedsDecision,
        Place::Running,
    ],
    with_images: true,
    what: What::Cancel,
};

/// Deletes jobs that have ended, with their images.
pub const DISCARD: Action = Action {
    name: "discard",
    verb: "Discard for good, with their images,",
    done: "discarded",
    places: &[Place::Completed, Place::Dead, Place::Cancelled],
    with_images: true,
    what: What::Discard,
};

/// Deletes jobs that have ended, and leaves their images.
pub const DISCARD_ALONE: Action = Action {
    verb: "Discard for good, without their images,",
    with_images: false,
    ..DISCARD
};

impl Action {
    /// Returns a warning about an unexpected cost.
    pub fn price(&self, place: Place) -> &'static str {
        match (self.what, place) {
            (What::Retry, Place::NeedsDecision) => ", which may be billed twice",
            _ => "",
        }
    }
}

/// Why an action could not be applied to a job, which is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// The queue cannot be reached, or its data are damaged.
    #[error(transparent)]
    Queue(#[from] kyc_queue::Error),
    /// Its images could not be deleted.
    #[error("the images of {id} could not be deleted, so the job is kept")]
    Images {
        /// The job.
        id: VerificationId,
        /// What the blob store said.
        #[source]
        error: StoreError,
    },
}

/// Applies actions to jobs.
#[derive(Clone)]
pub struct Executor {
    /// The queue of the jobs.
    pub queue: Queue,
    /// The blob store, if images are deleted.
    pub blobs: Option<Blobs>,
    /// Where the jobs were found, if they were not given by id. Those that have moved since are left alone.
    pub seen: Option<Seen>,
}

impl Executor {
    /// Applies the action to some jobs at once. Returns for each, in their order, the reason if this job does not allow it.
    pub async fn apply_all(
        &self,
        action: &'static Action,
        ids: &[VerificationId],
    ) -> Vec<(VerificationId, Result<Option<String>, ActError>)> {
        let mut under_way = JoinSet::new();
        for (position, id) in ids.iter().copied().enumerate() {
            let executor = self.clone();
            under_way.spawn(async move { (position, id, executor.apply(action, id).await) });
        }
        let mut all = under_way.join_all().await;
        all.sort_by_key(|(position, ..)| *position);
        all.into_iter()
            .map(|(_, id, became)| (id, became))
            .collect()
    }

    /// Applies the action to one job. Returns the reason if this job does not allow it.
    pub async fn apply(
        &self,
        action: &Action,
        id: VerificationId,
    ) -> Result<Option<String>, ActError> {
        let (queue, seen) = (&self.queue, self.seen);
        let mut has_moved = false;
        let done = match action.what {
            What::Retry => queue.retry_if(seen, &[id]).await? == 1,
            What::Reread => queue.reread_if(seen, &[id]).await? == 1,
            What::Cancel => {
                let cancelled = queue.cancel_if(seen, id).await?;
                has_moved = cancelled == Cancelled::Moved;
                let done = cancelled == Cancelled::Done;
                if let Some(blobs) = self.blobs.as_ref().filter(|_| done) {
                    delete_images_of_cancelled(queue, blobs, id).await;
                }
                done
            }
            What::Discard => {
                if let Some(blobs) = &self.blobs {
                    delete_images(queue, blobs, id, seen).await?;
                }
                queue.discard_if(seen, &[id]).await? == 1
            }
        };
        if done {
            return Ok(None);
        }
        if has_moved {
            return Ok(Some("it has moved since it was found".to_owned()));
        }
        let jobs = queue.look_at(&[id]).await?;
        let state = jobs.first().map(|job| job.state);
        Ok(Some(why_not(action.what, state)))
    }
}

/// Deletes the images of earlier attempts of a cancelled job. A worker that still has the job deletes what it stores later.
async fn delete_images_of_cancelled(queue: &Queue, blobs: &Blobs, id: VerificationId) {
    if let Err(error) = delete_images(queue, blobs, id, None).await {
        // The job is cancelled, whatever happens to its images.
        let error = match error {
            ActError::Images { error, .. } => error.to_string(),
            ActError::Queue(error) => error.to_string(),
        };
        tracing::warn!(
            verification.id = %id,
            error,
            "The images of a cancelled job could not be deleted; workers delete them after keep_completed"
        );
    }
}

/// Deletes all images of a job that has ended, whether or not its outcome names them. Does nothing if it has not ended, or is not
/// where it was seen.
async fn delete_images(
    queue: &Queue,
    blobs: &Blobs,
    id: VerificationId,
    seen: Option<Seen>,
) -> Result<(), ActError> {
    let known = queue.look_at(&[id]).await?;
    let Some(job) = known.first().filter(|job| job.state.is_final()) else {
        return Ok(());
    };
    let is_there = seen.is_none_or(|seen| {
        seen.place.holds(job) && job.finished_at.is_some_and(|ended| ended <= seen.at)
    });
    if !is_there || !kyc_kinds::with_images().any(|kind| kind == job.kind) {
        return Ok(());
    }
    let deleted = blobs.delete_all(&job.tenant, &id.to_string()).await;
    deleted.map_err(|error| ActError::Images { id, error })?;
    Ok(())
}

fn why_not(what: What, state: Option<State>) -> String {
    let Some(state) = state else {
        return "there is no such job: it was never accepted here, or its retention is over"
            .to_owned();
    };
    let remedy = match what {
        What::Retry => {
            "only dead jobs, and those that wait for their time or for a decision, can be retried"
        }
        What::Reread => "only dead jobs with a retained answer can be read again",
        What::Cancel => "only jobs that have not ended can be cancelled",
        What::Discard => "only jobs that have ended can be discarded: cancel it first",
    };
    format!("it is {}, and {remedy}", state.as_str())
}
