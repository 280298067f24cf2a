//! What the provider answers for a driver's licence.

use crate::{Text, group::group};

group! {
    /// The record of a driver's licence.
    Data {
        /// Images of the person.
        biodata: Biodata<'a>,
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
    /// Who the person is.
    Profile {
        /// Gender; blank in the sample.
        gender: Text<'a>,
        /// Family name.
        last_name: Text<'a>,
        /// Given name.
        first_name: Text<'a>,
        /// Middle name.
        middle_name: Text<'a>,
        /// Date of birth, in the provider's form: blank in the sample.
        date_of_birth: Text<'a>,
    }
}

group! {
    /// The person's numbers.
    Identity {
        /// Number of the licence; blank in the sample.
        driver_license: Text<'a>,
    }
}

group! {
    /// About the document.
    MetaData {
        /// Date of expiry; blank in the sample.
        expiry_date: Text<'a>,
        /// Date of issue; blank in the sample.
        issued_date: Text<'a>,
        /// State of issue; blank in the sample.
        state_of_issue: Text<'a>,
    }
}
