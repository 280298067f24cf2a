//! What is sealed of a job, and how it is opened: nothing of it is believed unless the header is the one that the job was
//! accepted with.

use kyc_vault::{DataKey, Vault};
use zeroize::Zeroizing;

use crate::{
    Error,
    enqueue::{
        bound::{self, OpenJobError},
        header::Header,
    },
};

/// The sealed fields of a job, and its header.
pub(crate) struct SealedJob {
    header_text: Vec<u8>,
    header: Header,
    request: Vec<u8>,
    /// The key record, or what the job's hash holds of it; empty if it is gone.
    record: Vec<u8>,
    outcome: Option<Vec<u8>>,
    pub(crate) answer: Option<Vec<u8>>,
}

/// The values of [`SealedJob::FIELDS`].
pub(crate) type SealedFields = (
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
);

impl SealedJob {
    pub(crate) const FIELDS: [&str; 5] = ["header", "request", "key", "outcome", "answer"];

    /// `None` where a part is missing that every job has, or the header cannot be read.
    pub(crate) fn of((header, request, record, outcome, answer): SealedFields) -> Option<Self> {
        let header_text = header?;
        Some(Self {
            header: serde_json::from_slice(&header_text).ok()?,
            header_text,
            request: request?,
            record: record.unwrap_or_default(),
            outcome,
            answer,
        })
    }

    /// What the job's hash holds of its key record.
    pub(crate) fn take_record(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.record)
    }

    /// Takes the whole record; `None` if it is gone.
    pub(crate) fn set_record(&mut self, record: Option<Vec<u8>>) {
        self.record = record.unwrap_or_default();
    }

    pub(crate) fn header(&self) -> &Header {
        &self.header
    }

    /// Whether its key record is gone.
    pub(crate) fn is_erased(&self) -> bool {
        self.record.is_empty()
    }

    /// Whether it has an outcome.
    pub(crate) fn has_outcome(&self) -> bool {
        self.outcome.is_some()
    }

    /// The data key, and the request as it was accepted.
    pub(crate) fn open(
        &self,
        vault: &Vault,
        id: &str,
    ) -> Result<(DataKey, Zeroizing<Vec<u8>>), Error> {
        if self.is_erased() {
            return Err(Error::Erased { id: id.to_owned() });
        }
        let key = vault.key(self.header.owner(id), &self.record)?;
        let request = bound::open(&key, &self.header_text, &self.request);
        let request = request.map_err(|error| match error {
            OpenJobError::Sealed(error) => Error::Sealed(error),
            OpenJobError::RecordMissing => Error::Erased { id: id.to_owned() },
            OpenJobError::HeaderChanged => Error::Changed {
                id: id.to_owned(),
                what: "its header is not the one that it was accepted with",
            },
        })?;
        Ok((key, request))
    }

    /// The outcome in JSON, where there is one.
    pub(crate) fn outcome(&self, key: &DataKey) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let open = |sealed: &Vec<u8>| key.open(&self.header.outcome_part(), sealed);
        let opened = self.outcome.as_ref().map(open).transpose()?;
        Ok(opened.map(|opened| opened.bytes))
    }
}
