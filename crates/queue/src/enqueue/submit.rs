//! Submitting jobs without keys that open: a server seals them and adds them to the inbox of their tenant, under ids that it
//! makes. From then on they are not lost.

use std::time::Duration;

use jiff::Timestamp;
use kyc_domain::{Request, VerificationId, streams};
use kyc_vault::{IndexKey, SealError, Vault};
use serde::{Deserialize, Serialize};

use crate::{
    EnqueueError, Enqueued, Error, Queue,
    enqueue::{accept::KEPT, content::seal_submitted, header::Header, together::Submitting},
    script::{self, arguments},
    units::millis,
};

/// How long an idempotency key is remembered before a worker has accepted the job. After that the job itself remembers it.
pub(crate) const REMEMBERED: Duration = Duration::from_hours(7 * 24);

/// What is known of a submitted job without opening it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Its tenant.
    pub tenant: String,
    /// Its kind.
    pub kind: String,
    /// The producer's own id.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reference: String,
    /// The number, masked.
    pub number: String,
    /// Its priority.
    pub priority: String,
}

/// A job that is sealed with the public key, under an id of its own.
pub(crate) struct SealedJob {
    pub(crate) id: String,
    /// A keyed digest of the job. Two jobs with one digest are the same.
    pub(crate) digest: String,
    /// An [`About`], as JSON.
    pub(crate) about: String,
    pub(crate) public_key: String,
    /// The key record. The job keeps this key, whichever worker accepts it, and however often one tries.
    pub(crate) record: Vec<u8>,
    pub(crate) sealed: Vec<u8>,
}

impl SealedJob {
    pub(crate) fn of(vault: &Vault, request: &Request, caller: &IndexKey) -> Result<Self, Error> {
        let (id, terms) = (VerificationId::generate(), &request.terms);
        let (tenant, body) = (terms.tenant.as_str(), request.to_json());
        let public = vault.public().ok_or(SealError)?;
        let text = id.to_string();
        let (key, sealed) = seal_submitted(vault, tenant, &text, &body)?;
        let about = About {
            tenant: tenant.to_owned(),
            kind: request.kind.to_owned(),
            reference: terms.reference.clone().unwrap_or_default(),
            number: request.subject.number.masked(),
            priority: terms.priority.as_str().to_owned(),
        };
        Ok(Self {
            id: text,
            digest: caller.index("body", &body),
            about: serde_json::to_string(&about).unwrap_or_default(),
            public_key: public.id().to_owned(),
            record: key.record().to_vec(),
            sealed,
        })
    }
}

/// Returns the index under which a caller's idempotency key is remembered until a worker has accepted the job.
pub(crate) fn submitted_index(caller: &IndexKey, request: &Request, key: &str) -> String {
    caller.index(
        "submitted",
        &format!("{} {key}", request.terms.tenant.as_str()),
    )
}

/// A submitted job that no worker has accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// Its id.
    pub id: VerificationId,
    /// What is known of it.
    pub about: About,
    /// When it was submitted.
    pub at: Timestamp,
    /// What became of it.
    pub state: Submitted,
}

/// What became of a submitted job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Submitted {
    /// It waits in the inbox until a worker accepts it.
    Waiting,
    /// It was cancelled before that, at this time.
    Cancelled(Timestamp),
    /// A worker refused it, for this reason.
    Refused(String),
    /// It has the idempotency key of an earlier job, and is that job.
    Existing(VerificationId),
}

impl Queue {
    /// Seals a job with the public key and adds it to the inbox of its tenant. Needs no key that opens.
    ///
    /// `caller` makes the indexes of idempotency keys. It should be a secret of the caller that this queue does not store.
    /// Requests of different callers with one idempotency key are recognised later, when a worker accepts them.
    ///
    /// # Errors
    ///
    /// [`EnqueueError::Conflict`] if the caller has used the idempotency key for another job. After another error the job may have been
    /// submitted; with an idempotency key it is safe to try again.
    pub async fn submit(
        &self,
        request: &Request,
        caller: &IndexKey,
    ) -> Result<Enqueued, EnqueueError> {
        let job = SealedJob::of(self.vault(), request, caller)?;
        let key = request.terms.idempotency_key.as_ref();
        let index = key.map(|key| submitted_index(caller, request, key.expose()));
        let own = job.id.clone();
        let submitting = Submitting {
            stream: streams::inbox(request.terms.tenant.as_str()),
            id: job.id,
            index: index.unwrap_or_default(),
            digest: job.digest,
            about: job.about,
            public_key: job.public_key,
            record: job.record,
            sealed: job.sealed,
        };
        let (verb, known) = self.submit_together(submitting).await?;
        if verb == "conflict" {
            return Err(EnqueueError::Conflict { id: known });
        }
        // A call that failed in part is made again under the same id.
        let existing = verb == "existing" && known != own;
        let id = known.parse().map_err(|_| Error::Unreadable {
            what: "the id",
            id: known,
        })?;
        Ok(Enqueued { id, existing })
    }

    /// Returns the tenant of a verification that a worker has accepted; `None` if there is none.
    pub async fn tenant_of(&self, id: VerificationId) -> Result<Option<String>, Error> {
        let mut ask = redis::cmd("HGET");
        ask.arg(self.key(&format!("job:{id}"))).arg("header");
        let header: Option<Vec<u8>> = ask.query_async(&mut self.connection()).await?;
        let read = |header: Vec<u8>| serde_json::from_slice::<Header>(&header);
        let header = header
            .map(read)
            .transpose()
            .map_err(|_| Error::Unreadable {
                what: "the header",
                id: id.to_string(),
            })?;
        Ok(header.map(|header| header.tenant))
    }

    /// Returns a submitted job that no worker has accepted. `None` once a worker has accepted it, and if there is none.
    pub async fn submission(&self, id: VerificationId) -> Result<Option<Submission>, Error> {
        let mut get = redis::cmd("HMGET");
        get.arg(self.key(&format!("submission:{id}"))).arg(&[
            "about",
            "at",
            "cancelled",
            "refused",
            "existing",
        ]);
        let known: [Option<String>; 5] = get.query_async(&mut self.connection()).await?;
        let [Some(about), at, cancelled, refused, existing] = known else {
            return Ok(None);
        };
        let unreadable = |_| Error::Unreadable {
            what: "the submission",
            id: id.to_string(),
        };
        let time = |text: Option<String>| {
            let milliseconds = text.and_then(|text| text.parse().ok()).unwrap_or_default();
            Timestamp::from_millisecond(milliseconds).unwrap_or_default()
        };
        let existing = existing.and_then(|id| id.parse().ok());
        let state = match (refused, existing) {
            (Some(why), _) => Submitted::Refused(why),
            (None, Some(id)) => Submitted::Existing(id),
            (None, None) if cancelled.is_some() => Submitted::Cancelled(time(cancelled)),
            (None, None) => Submitted::Waiting,
        };
        Ok(Some(Submission {
            id,
            about: serde_json::from_str(&about).map_err(unreadable)?,
            at: time(at),
            state,
        }))
    }

    /// Cancels a submitted job that no worker has accepted. Returns whether there was one.
    pub async fn withdraw(&self, id: VerificationId) -> Result<bool, Error> {
        let withdraw = arguments::Withdraw {
            id: &id.to_string(),
            keep_ms: millis(KEPT),
        };
        let taken: u8 = self
            .run(&script::WITHDRAW, |call| withdraw.write(call))
            .await?;
        Ok(taken == 1)
    }
}
