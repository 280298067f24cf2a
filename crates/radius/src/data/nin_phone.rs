//! The provider's record of the National Identification Number that a phone number is linked with: the record of
//! [`nin`](super::nin), with the number itself and the languages of the person and of the next of kin.

pub use super::nin::{
    Biodata, BirthDetails, Contact, Employment, KinResidence, Profile, Residence,
};
use crate::data::record::record;

record! {
    /// The record of the National Identification Number that a phone number is linked with.
    NinPhone, images [image, signature] {
        origin: Origin { lga, state, address, spoken_language, },
        biodata: Biodata,
        contact: Contact,
        profile: Profile,
        identity: Identity { nin, },
        residence: Residence,
        employment: Employment,
        next_of_kin: NextOfKin {
            surname,
            residence = "Where the next of kin lives.": KinResidence,
            first_name,
            spoken_language,
        },
        birth_details: BirthDetails,
    }
}
