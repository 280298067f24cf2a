//! The provider's record of a National Identification Number.

use crate::{data::record::record, group::group};

record! {
    /// The record of a National Identification Number.
    Nin, images [image, signature] {
        origin: Origin { lga, state, address, },
        biodata: Biodata { image, signature, },
        contact: Contact { email, main_phone_number, },
        profile: Profile {
            title,
            gender = "Gender; the samples have `m` and blank.",
            surname,
            religion,
            first_name,
            maiden_name,
            middle_name,
            nationality,
            date_of_birth = "Date of birth; the sample by phone has `18-11-1985`, day first.",
            marital_status,
            spoken_language,
            educational_level,
        },
        residence: Residence {
            lga,
            town,
            state,
            status = "Kind of residence; the sample by phone has `birth`.",
            address,
        },
        employment: Employment {
            status = "Kind of employment, such as `self employed`.",
            profession,
        },
        next_of_kin: NextOfKin {
            surname,
            residence = "Where the next of kin lives.": KinResidence,
            first_name,
        },
        birth_details: BirthDetails {
            lga,
            date = "Date of birth; the sample by phone has `18-11-1985`, day first.",
            state,
            country,
        },
    }
}

group! {
    /// Where the next of kin lives.
    KinResidence { lga, state, address, }
}
