//! The provider's record of a company at the Corporate Affairs Commission.

use crate::data::record::record;

record! {
    /// The record of a company.
    Cac {
        profile = "Who the company is.": Profile {
            email,
            address,
            company_name = "Name of the company.",
        },
        identity = "The company's numbers.": Identity {
            cac = "The company's number.",
        },
        meta_data = "About the company's registration.": MetaData {
            status = "Status of the company; blank in the sample.",
            activity = "Activity of the company; blank in the sample.",
            incorporation_at = "When the company was incorporated; blank in the sample.",
        },
    }
}
