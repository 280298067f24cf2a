//! The provider's record of a Bank Verification Number.

use crate::data::record::record;

record! {
    /// The record of a Bank Verification Number.
    Bvn, images [image] {
        origin: Origin { lga, state, },
        biodata: Biodata { image, },
        contact: Contact {
            email,
            main_phone_number,
            other_phone_number = "A second phone number.",
        },
        profile: Profile {
            title,
            gender,
            last_name,
            first_name,
            middle_name,
            nationality,
            date_of_birth = "Date of birth, in the provider's form; blank in the sample.",
            marital_status,
        },
        identity: Identity {
            bvn,
            nin = "National Identification Number; blank in the sample.",
        },
        metadata = "About the record itself.": Metadata {
            watch_listed = "Whether the BVN is on the watch list; blank in the sample.",
            registration_date = "Date of registration; blank in the sample.",
        },
        residence: Residence { lga, state, address, },
    }
}
