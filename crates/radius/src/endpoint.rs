//! The provider's six identity calls, with their paths and names.

use std::fmt;

/// One identity call of Radius. Every one is a GET.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Endpoint {
    /// `/identity/bvn/advanced/{bvn}`
    Bvn,
    /// `/identity/nin/{nin}`
    Nin,
    /// `/identity/nin/phone/{phone}`
    NinPhone,
    /// `/identity/cac/{cac}?company_name=`
    Cac,
    /// `/identity/drivers/licenses/{driver_license_number}`
    DriversLicense,
    /// `/identity/passport/nigeria/{passport_number}?first_name=&last_name=&dob=`
    Passport,
}

impl Endpoint {
    /// All endpoints, in the order of the provider's collection.
    pub const ALL: [Self; 6] = [
        Self::Bvn,
        Self::Nin,
        Self::NinPhone,
        Self::Cac,
        Self::DriversLicense,
        Self::Passport,
    ];

    /// Returns a stable name in snake case, for metrics and configuration keys.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bvn => "bvn",
            Self::Nin => "nin",
            Self::NinPhone => "nin_phone",
            Self::Cac => "cac",
            Self::DriversLicense => "drivers_license",
            Self::Passport => "passport",
        }
    }

    /// Returns the path up to the number, with a trailing slash.
    pub(crate) const fn prefix(self) -> &'static str {
        match self {
            Self::Bvn => "/identity/bvn/advanced/",
            Self::Nin => "/identity/nin/",
            Self::NinPhone => "/identity/nin/phone/",
            Self::Cac => "/identity/cac/",
            Self::DriversLicense => "/identity/drivers/licenses/",
            Self::Passport => "/identity/passport/nigeria/",
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
