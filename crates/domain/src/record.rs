//! The provider's records: one type for persons, one for companies.
//!
//! `None` means that the provider left the field blank. Records are personal data, so `Debug` shows nothing of them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::RecordDate;

/// A record of the provider, in the same shape for all kinds.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Record {
    /// A person.
    Person(Box<Person>),
    /// A company.
    Company(Box<Company>),
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Person(_) => "Person(***)",
            Self::Company(_) => "Company(***)",
        })
    }
}

/// The record of a person.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    /// Title, such as `Mrs.`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Other given names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    /// Family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Family name before marriage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maiden_name: Option<String>,
    /// `male`, `female`, or the provider's own word for another gender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    /// Date of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<RecordDate>,
    /// Telephone numbers, as the provider writes them. The main number comes first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<String>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Nationality, as the provider writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nationality: Option<String>,
    /// Marital status, as the provider writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marital_status: Option<String>,
    /// Where the person lives.
    #[serde(skip_serializing_if = "Place::is_empty")]
    pub residence: Place,
    /// Where the person's family comes from.
    #[serde(skip_serializing_if = "Place::is_empty")]
    pub origin: Place,
    /// BVN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bvn: Option<String>,
    /// NIN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nin: Option<String>,
    /// The number of the requested licence or passport.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_number: Option<String>,
    /// When the document was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_date: Option<RecordDate>,
    /// When the document expires.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiry_date: Option<RecordDate>,
    /// Where the document was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_at: Option<String>,
    /// Whether the person is on the watch list of the banks. Only BVN records have this field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watch_listed: Option<bool>,
    /// When the record was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_date: Option<RecordDate>,
}

/// A place, as the provider writes it.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    /// Street and house number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Town.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub town: Option<String>,
    /// Local government area.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lga: Option<String>,
    /// State.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

impl Place {
    /// Whether the provider left all fields blank.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The record of a company.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Company {
    /// Registered name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Registration number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Registered address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// `active`, or the provider's own word for another status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Business activity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activity: Option<String>,
    /// When it was incorporated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incorporated_on: Option<RecordDate>,
}
