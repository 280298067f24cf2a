//! What the provider answers for a company at the Corporate Affairs Commission.

use crate::{Text, group::group};

group! {
    /// The record of a company.
    Data {
        /// Who the company is.
        profile: Profile<'a>,
        /// The company's numbers.
        identity: Identity<'a>,
        /// About the company's registration.
        meta_data: MetaData<'a>,
    }
}

group! {
    /// Who the company is.
    Profile {
        /// E-mail address.
        email: Text<'a>,
        /// Street address.
        address: Text<'a>,
        /// Name of the company.
        company_name: Text<'a>,
    }
}

group! {
    /// The company's numbers.
    Identity {
        /// The company's number.
        cac: Text<'a>,
    }
}

group! {
    /// About the company's registration.
    MetaData {
        /// Status of the company; blank in the sample.
        status: Text<'a>,
        /// Activity of the company; blank in the sample.
        activity: Text<'a>,
        /// When the company was incorporated; blank in the sample.
        incorporation_at: Text<'a>,
    }
}
