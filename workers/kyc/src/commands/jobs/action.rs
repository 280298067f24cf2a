//! The actions on jobs.

use anyhow::{Context, Result};
use kyc_blobs::Blobs;
use kyc_domain::VerificationId;
use kyc_queue::{Cancelled, Place, Queue, State};

/// An action on a job.
pub(super) struct Action {
    /// The verb, for the question before the action.
    pub(super) verb: &'static str,
    /// The participle, for the report after the action.
    pub(super) done: &'static str,
    /// The places whose jobs it applies to.
    pub(super) places: &'static [Place],
    /// Whether the images are deleted too.
    pub(super) with_images: bool,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    Retry,
    Reread,
    Cancel,
    Discard,
}

pub(super) const RETRY: Action = Action {
    verb: "Retry",
    done: "retried",
    places: &[Place::Dead, Place::Scheduled, Place::NeedsDecision],
    with_images: false,
    what: What::Retry,
};

pub(super) const REREAD: Action = Action {
    verb: "Assess by their retained answers",
    done: "given to be read again",
    places: &[Place::Dead],
    with_images: false,
    what: What::Reread,
};

pub(super) const CANCEL: Action = Action {
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

pub(super) const DISCARD: Action = Action {
    verb: "Discard for good, with their images,",
    done: "discarded",
    places: &[Place::Completed, Place::Dead, Place::Cancelled],
    with_images: true,
    what: What::Discard,
};

pub(super) const DISCARD_ALONE: Action = Action {
    verb: "Discard for good, without their images,",
    with_images: false,
    ..DISCARD
};

impl Action {
    /// Returns a warning about an unexpected cost.
    pub(super) fn price(&self, place: Place) -> &'static str {
        match (self.what, place) {
            (What::Retry, Place::NeedsDecision) => ", which may be billed twice",
            _ => "",
        }
    }
}

/// Applies actions to jobs.
#[derive(Clone)]
pub(super) struct Executor {
    pub(super) queue: Queue,
    /// The blob store, if images are deleted.
    pub(super) blobs: Option<Blobs>,
    /// The place where the jobs were found, if they were not given by id.
    pub(super) place: Option<Place>,
}

impl Executor {
    /// Applies the action to one job. Returns the reason if this job does not allow it.
    pub(super) async fn apply(
        &self,
        action: &Action,
        id: VerificationId,
    ) -> Result<Option<String>> {
        let queue = &self.queue;
        let done = match action.what {
            What::Retry => {
                let retried = match self.place {
                    Some(place) => queue.retry_in(place, &[id]).await?,
                    None => queue.retry(&[id]).await?,
                };
                retried == 1
            }
            What::Reread => queue.reread(&[id]).await? == 1,
            What::Cancel => {
                let done = queue.cancel(id).await? == Cancelled::Done;
                if let Some(blobs) = self.blobs.as_ref().filter(|_| done) {
                    delete_images_of_cancelled(queue, blobs, id).await;
                }
                done
            }
            What::Discard => {
                if let Some(blobs) = &self.blobs {
                    let deleted = delete_images(queue, blobs, id).await;
                    deleted.with_context(|| {
                        format!("the images of {id} could not be deleted, so the job is kept")
                    })?;
                }
                queue.discard(&[id]).await? == 1
            }
        };
        if done {
            return Ok(None);
        }
        let jobs = queue.look_at(&[id]).await?;
        let state = jobs.first().map(|job| job.state);
        Ok(Some(why_not(action.what, state)))
    }
}

/// Deletes the images of earlier attempts of a cancelled job. A worker that still has the job deletes what it stores later.
async fn delete_images_of_cancelled(queue: &Queue, blobs: &Blobs, id: VerificationId) {
    if let Err(error) = delete_images(queue, blobs, id).await {
        // The job is cancelled, whatever happens to its images.
        tracing::warn!(
            verification.id = %id,
            error = format!("{error:#}"),
            "The images of a cancelled job could not be deleted; workers delete them after keep_completed"
        );
    }
}

/// Deletes all images of a job that has ended, whether or not its outcome names them. Does nothing if it has not ended.
async fn delete_images(queue: &Queue, blobs: &Blobs, id: VerificationId) -> Result<()> {
    let known = queue.look_at(&[id]).await?;
    let Some(job) = known.first().filter(|job| job.state.is_final()) else {
        return Ok(());
    };
    if !kyc_kinds::with_images().any(|kind| kind == job.kind) {
        return Ok(());
    }
    blobs.delete_all(&job.tenant, &id.to_string()).await?;
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
