//! The fields that can be claimed.

/// A field that can be claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Claim {
    /// Given name.
    FirstName,
    /// Other given names.
    MiddleName,
    /// Family name.
    LastName,
    /// `1986-01-20`, or any other form that can mean only one day.
    DateOfBirth,
    /// A telephone number in any usual form. A number of another country needs its country code.
    Phone,
    /// `male` or `female`, or the first letter of either.
    Gender,
    /// 11 digits.
    Nin,
    /// Registered name of a company.
    CompanyName,
    /// Registered address of a company.
    Address,
    /// Registered e-mail address of a company.
    Email,
    /// The day on which a document expires: `2030-01-20`.
    ExpiryDate,
}

impl Claim {
    /// Every field that can be claimed.
    pub const ALL: [Self; 11] = [
        Self::FirstName,
        Self::MiddleName,
        Self::LastName,
        Self::DateOfBirth,
        Self::Phone,
        Self::Gender,
        Self::Nin,
        Self::CompanyName,
        Self::Address,
        Self::Email,
        Self::ExpiryDate,
    ];

    /// Returns the field's name in a request and in the checks of an outcome.
    pub fn name(self) -> &'static str {
        match self {
            Self::FirstName => "first_name",
            Self::MiddleName => "middle_name",
            Self::LastName => "last_name",
            Self::DateOfBirth => "date_of_birth",
            Self::Phone => "phone",
            Self::Gender => "gender",
            Self::Nin => "nin",
            Self::CompanyName => "company_name",
            Self::Address => "address",
            Self::Email => "email",
            Self::ExpiryDate => "expiry_date",
        }
    }

    /// Returns the field's name as a sentence uses it: `date of birth`.
    pub fn spoken(self) -> String {
        match self {
            Self::Phone => "telephone number".to_owned(),
            Self::Nin => "NIN".to_owned(),
            Self::Email => "e-mail address".to_owned(),
            field => field.name().replace('_', " "),
        }
    }
}
