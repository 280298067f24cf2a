//! What the provider answers for the phone number of a National Identification Number: the record of
//! [`nin`](super::nin), with the number itself and the languages of the person and of the next of kin.

pub use super::nin::{
    Biodata, BirthDetails, Contact, Employment, KinResidence, Profile, Residence,
};
use crate::{Text, group::group};

group! {
    /// The record of the National Identification Number that a phone number is linked with.
    Data {
        /// Where the person comes from.
        origin: Origin<'a>,
        /// Images of the person.
        biodata: Biodata<'a>,
        /// How to reach the person.
        contact: Contact<'a>,
        /// Who the person is.
        profile: Profile<'a>,
        /// The person's numbers.
        identity: Identity<'a>,
        /// Where the person lives.
        residence: Residence<'a>,
        /// What the person works.
        employment: Employment<'a>,
        /// The person's next of kin.
        next_of_kin: NextOfKin<'a>,
        /// When and where the person was born.
        birth_details: BirthDetails<'a>,
    }
}

group! {
    /// Where the person comes from.
    Origin {
        /// Local government area.
        lga: Text<'a>,
        /// State.
        state: Text<'a>,
        /// Street address.
        address: Text<'a>,
        /// Language spoken.
        spoken_language: Text<'a>,
    }
}

group! {
    /// The person's numbers.
    Identity {
        /// National Identification Number.
        nin: Text<'a>,
    }
}

group! {
    /// The person's next of kin.
    NextOfKin {
        /// Family name.
        surname: Text<'a>,
        /// Where the next of kin lives.
        residence: KinResidence<'a>,
        /// Given name.
        first_name: Text<'a>,
        /// Language spoken.
        spoken_language: Text<'a>,
    }
}
