//! The definition of a kind: values and pure functions.

use std::fmt;

use kyc_domain::{
    Claim, Fields, Identity, Number, Person, Record, Subject, number::Validation, refusal::Fault,
};
use radius_api::Reading;

use crate::Answer;

/// One kind of verification.
///
/// It holds everything that differs between kinds; the code that uses it does not depend on the kind.
pub struct Kind {
    /// The name in jobs, keys, metrics and documents, such as `bvn`.
    pub name: &'static str,
    /// The name for people.
    pub title: &'static str,
    /// The field of a job that holds the number.
    pub field: &'static str,
    /// The fields that the provider requires in addition to the number.
    pub required: &'static [&'static str],
    /// The claims that can be compared with the record.
    pub claims: &'static [Claim],
    /// The images that an answer should have.
    pub images: &'static [&'static str],
    /// A made-up number of the correct form, for help texts.
    pub example: &'static str,
    /// Takes the subject from the fields of a job.
    pub subject: fn(&mut Fields, Validation) -> Option<Subject>,
    /// Builds the call to the provider.
    pub lookup: fn(&Subject) -> Result<radius_api::Request, radius_api::Error>,
    /// Compares a record with the number of the request.
    pub identity: fn(&Subject, &Record) -> Identity,
    /// Reads the provider's answer.
    pub read: for<'a> fn(&'a [u8], &Reading) -> Result<Answer<'a>, radius_api::Error>,
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Lists the claims of a kind: the names, which every register of persons has, and the given claims.
macro_rules! claims {
    ($($claim:ident),*) => {
        &[
            kyc_domain::Claim::FirstName,
            kyc_domain::Claim::MiddleName,
            kyc_domain::Claim::LastName,
            $(kyc_domain::Claim::$claim),*
        ]
    };
}

pub(crate) use claims;

/// Takes a subject that consists of a number only from the fields of a job.
pub(crate) fn subject(
    fields: &mut Fields,
    field: &'static str,
    remedy: &str,
    parse: impl FnOnce(&str) -> Result<Number, Fault>,
) -> Option<Subject> {
    let number = fields.required(field, remedy, parse)?;
    Some(Subject::new(field, number))
}

/// Compares a person's record with the number of the request. The record of a company cannot be compared.
pub(crate) fn of_person(record: &Record, compare: impl Fn(&Person) -> Identity) -> Identity {
    match record {
        Record::Person(person) => compare(person),
        Record::Company(_) => Identity::Untold,
    }
}
