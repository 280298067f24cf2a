//! What the provider answers for a National Identification Number.

use crate::{Text, group::group};

group! {
    /// The record of a National Identification Number.
    Data {
        /// Where the person comes from.
        origin: Origin<'a>,
        /// Images of the person.
        biodata: Biodata<'a>,
        /// How to reach the person.
        contact: Contact<'a>,
        /// Who the person is.
        profile: Profile<'a>,
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
    }
}

group! {
    /// Images of the person.
    Biodata {
        /// Photograph, in base64.
        image: Text<'a>,
        /// Image of the signature, in base64.
        signature: Text<'a>,
    }
}

group! {
    /// How to reach the person.
    Contact {
        /// E-mail address.
        email: Text<'a>,
        /// Phone number, such as `08081234567`.
        main_phone_number: Text<'a>,
    }
}

group! {
    /// Who the person is.
    Profile {
        /// Title, such as `Prof.`
        title: Text<'a>,
        /// Gender; the samples have `m` and blank.
        gender: Text<'a>,
        /// Family name.
        surname: Text<'a>,
        /// Religion.
        religion: Text<'a>,
        /// Given name.
        first_name: Text<'a>,
        /// Maiden name.
        maiden_name: Text<'a>,
        /// Middle name.
        middle_name: Text<'a>,
        /// Country of nationality.
        nationality: Text<'a>,
        /// Date of birth; the sample by phone has `18-11-1985`, day first.
        date_of_birth: Text<'a>,
        /// Marital status.
        marital_status: Text<'a>,
        /// Language spoken.
        spoken_language: Text<'a>,
        /// Level of education.
        educational_level: Text<'a>,
    }
}

group! {
    /// Where the person lives.
    Residence {
        /// Local government area.
        lga: Text<'a>,
        /// Town.
        town: Text<'a>,
        /// State.
        state: Text<'a>,
        /// Kind of residence; the sample by phone has `birth`.
        status: Text<'a>,
        /// Street address.
        address: Text<'a>,
    }
}

group! {
    /// What the person works.
    Employment {
        /// Kind of employment, such as `self employed`.
        status: Text<'a>,
        /// Profession.
        profession: Text<'a>,
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
    }
}

group! {
    /// Where the next of kin lives.
    KinResidence {
        /// Local government area.
        lga: Text<'a>,
        /// State.
        state: Text<'a>,
        /// Street address.
        address: Text<'a>,
    }
}

group! {
    /// When and where the person was born.
    BirthDetails {
        /// Local government area.
        lga: Text<'a>,
        /// Date of birth; the sample by phone has `18-11-1985`, day first.
        date: Text<'a>,
        /// State.
        state: Text<'a>,
        /// Country.
        country: Text<'a>,
    }
}
