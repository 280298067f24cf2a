//! What the provider answers for a Nigerian passport.

use crate::{Text, group::group};

group! {
    /// The record of a Nigerian passport.
    Data {
        /// Images of the person.
        biodata: Biodata<'a>,
        /// How to reach the person.
        contact: Contact<'a>,
        /// Who the person is.
        profile: Profile<'a>,
        /// The person's numbers.
        identity: Identity<'a>,
        /// About the document.
        meta_data: MetaData<'a>,
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
        /// Phone number, such as `08081234567`.
        main_phone_number: Text<'a>,
    }
}

group! {
    /// Who the person is.
    Profile {
        /// Date of birth; blank in the sample.
        dob: Text<'a>,
        /// Gender; blank in the sample.
        gender: Text<'a>,
        /// Family name.
        last_name: Text<'a>,
        /// Given name.
        first_name: Text<'a>,
        /// Middle name.
        other_name: Text<'a>,
    }
}

group! {
    /// The person's numbers.
    Identity {
        /// Number of the passport.
        passport_id: Text<'a>,
    }
}

group! {
    /// About the document.
    MetaData {
        /// Place of issue: the sample has a town.
        issued_at: Text<'a>,
        /// Date of expiry; blank in the sample.
        expiry_date: Text<'a>,
        /// Date of issue; blank in the sample.
        issued_date: Text<'a>,
    }
}
