//! CAC: `meta_data`, no image, and dates as `01-January-1907`.

use crate::{
    answer::{Payload, group, text},
    people::Company,
};

pub(super) fn write(number: &str, company: &Company, blank: bool) -> Payload {
    let known = |text| if blank { "" } else { text };
    let incorporated = company.incorporated.strftime("%d-%B-%Y").to_string();
    Payload::success(&[
        group(
            "profile",
            &[
                text("email", known(&company.email)),
                text("address", &company.address),
                text("company_name", &company.name),
            ],
        ),
        group("identity", &[text("cac", number)]),
        group(
            "meta_data",
            &[
                text("status", known("ACTIVE")),
                text("activity", known(company.activity)),
                text("incorporation_at", known(&incorporated)),
            ],
        ),
    ])
}
