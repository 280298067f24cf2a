//! What a kind is: a row of values and pure functions.

use kyc_domain::{Claim, Fields, Identity, Record, Subject, number::Validation};

use radius_api::Reading;

use crate::Answer;

/// One kind of verification. Everything that differs between kinds stands in here; nothing else in the
/// workspace asks which kind it has before it.
pub struct Kind {
    /// The name in jobs, keys, metrics and pages: `bvn`.
    pub name: &'static str,
    /// The name for people.
    pub title: &'static str,
    /// The field of a job that holds the number.
    pub field: &'static str,
    /// What the provider requires beside the number.
    pub required: &'static [&'static str],
    /// What can be compared with the record.
    pub claims: &'static [Claim],
    /// The images an answer should hold.
    pub images: &'static [&'static str],
    /// A made-up number of the right form, for help texts.
    pub example: &'static str,
    /// Takes the subject out of a job.
    pub subject: fn(&mut Fields, Validation) -> Option<Subject>,
    /// The call that asks the provider.
    pub lookup: fn(&Subject) -> Result<radius_api::Request, radius_api::Error>,
    /// Whether a record is about the number that was asked.
    pub identity: fn(&Subject, &Record) -> Identity,
    /// Reads the provider's answer.
    pub read: for<'a> fn(&'a [u8], &Reading) -> Result<Answer<'a>, radius_api::Error>,
}

/// The claims that every register of persons can be compared with.
pub(crate) const PERSON: [Claim; 3] = [Claim::FirstName, Claim::MiddleName, Claim::LastName];
