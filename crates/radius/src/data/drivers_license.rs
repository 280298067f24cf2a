//! The provider's record of a driver's licence.

use crate::data::record::record;

record! {
    /// The record of a driver's licence.
    DriversLicense, images [image] {
        biodata: Biodata { image, },
        profile: Profile {
            gender,
            last_name,
            first_name,
            middle_name,
            date_of_birth = "Date of birth, in the provider's form; blank in the sample.",
        },
        identity: Identity {
            driver_license = "Number of the licence; blank in the sample.",
        },
        meta_data: MetaData {
            expiry_date,
            issued_date,
            state_of_issue = "State of issue; blank in the sample.",
        },
    }
}
