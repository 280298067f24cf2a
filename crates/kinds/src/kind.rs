//! What a kind is: a row of values and pure functions.

use kyc_domain::{
    Claim, Fields, Identity, Number, Person, Record, Subject, fields::Fault, number::Validation,
};
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

/// The claims of a kind: the names, which every register of persons has, and those listed.
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

/// Takes the number out of a job, as a subject that has nothing else.
pub(crate) fn subject(
    fields: &mut Fields,
    field: &'static str,
    remedy: &str,
    parse: impl FnOnce(&str) -> Result<Number, Fault>,
) -> Option<Subject> {
    let number = fields.required(field, remedy, parse)?;
    Some(Subject::new(field, number))
}

/// Compares a person's record with the number that was asked for. The record of a company does not show whose it is.
pub(crate) fn of_person(record: &Record, compare: impl Fn(&Person) -> Identity) -> Identity {
    match record {
        Record::Person(person) => compare(person),
        Record::Company(_) => Identity::Untold,
    }
}
