//! The provider's record of a Nigerian passport.

use crate::data::record::record;

record! {
    /// The record of a Nigerian passport.
    Passport, images [image] {
        biodata: Biodata { image, },
        contact: Contact { main_phone_number, },
        profile: Profile {
            dob = "Date of birth; blank in the sample.",
            gender,
            last_name,
            first_name,
            other_name = "Middle name.",
        },
        identity: Identity {
            passport_id = "Number of the passport.",
        },
        meta_data: MetaData {
            issued_at = "Place of issue; the sample has a town.",
            expiry_date,
            issued_date,
        },
    }
}
