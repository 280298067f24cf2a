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
            record: record?,
            outcome,
            answer,
        })
    }

    pub(crate) fn header(&self) -> &Header {
        &self.header
    }

    /// The data key, and the request as it was accepted.
    pub(crate) fn open(
        &self,
        vault: &Vault,
        id: &str,
    ) -> Result<(DataKey, Zeroizing<Vec<u8>>), Error> {
        let key = vault.key(self.header.owner(id), &self.record)?;
        let request = bound::open(&key, &self.header_text, &self.request);
        let request = request.map_err(|error| match error {
            OpenJobError::Sealed(error) => Error::Sealed(error),
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
