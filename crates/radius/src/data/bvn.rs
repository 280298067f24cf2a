//! What the provider answers for a Bank Verification Number.

use crate::{Text, group::group};

group! {
    /// The record of a Bank Verification Number.
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
        /// About the record itself.
        metadata: Metadata<'a>,
        /// Where the person lives.
        residence: Residence<'a>,
    }
}

group! {
    /// Where the person comes from.
    Origin {
        /// Local government area.
        lga: Text<'a>,
        /// State.
        state: Text<'a>,
    }
}

group! {
    /// Images of the person.
    Biodata {
        /// Photograph, in base64.
        image: Text<'a>,
    }
}

group! {
    /// How to reach the person.
    Contact {
        /// E-mail address.
        email: Text<'a>,
        /// Phone number, such as `08081234567`.
        main_phone_number: Text<'a>,
        /// A second phone number.
        other_phone_number: Text<'a>,
    }
}

group! {
    /// Who the person is.
    Profile {
        /// Title, such as `Prof.`
        title: Text<'a>,
        /// Gender; blank in the sample.
        gender: Text<'a>,
        /// Family name.
        last_name: Text<'a>,
        /// Given name.
        first_name: Text<'a>,
        /// Middle name.
        middle_name: Text<'a>,
        /// Country of nationality.
        nationality: Text<'a>,
        /// Date of birth, in the provider's form: blank in the sample.
        date_of_birth: Text<'a>,
        /// Marital status.
        marital_status: Text<'a>,
    }
}

group! {
    /// The person's numbers.
    Identity {
        /// Bank Verification Number.
        bvn: Text<'a>,
        /// National Identification Number; blank in the sample.
        nin: Text<'a>,
    }
}

group! {
    /// About the record itself.
    Metadata {
        /// Whether the BVN is on the watch list; blank in the sample.
        watch_listed: Text<'a>,
        /// Date of registration; blank in the sample.
        registration_date: Text<'a>,
    }
}

group! {
    /// Where the person lives.
    Residence {
        /// Local government area.
        lga: Text<'a>,
        /// State.
        state: Text<'a>,
        /// Street address.
        address: Text<'a>,
    }
}
