//! A company in the registry of the Corporate Affairs Commission.

use kyc_domain::{
    Claim, Company, Fields, Identity, Number, Record, Subject, fields::plain_text,
    identity::of_company, number::Validation,
};
use radius_api::{Request, cac::Data};

use crate::{
    Encoded, Kind,
    answer::{company, read},
    fill::fill,
};

const FIELD: &str = "rc_number";
const NAME: &str = "company_name";

/// The entry of the table.
pub(crate) const KIND: Kind = Kind {
    name: "cac",
    title: "Company in the CAC registry",
    field: FIELD,
    required: &[NAME],
    claims: &[Claim::CompanyName, Claim::Address, Claim::Email],
    images: &[],
    example: "RC1234000",
    subject,
    lookup: |subject| Request::cac(subject.number.expose(), subject.detail(NAME)),
    identity: |subject, record| match record {
        Record::Company(company) => of_company(&subject.number, company.number.as_deref()),
        Record::Person(_) => Identity::Untold,
    },
    read: |body, by| read::<Data<'_>>(body, by, split),
};

fn subject(fields: &mut Fields, _: Validation) -> Option<Subject> {
    let number = fields.required(
        FIELD,
        "give the registration number of the company",
        Number::company,
    );
    let name = fields.required(
        NAME,
        "the provider requires the company's registered name",
        plain_text,
    );
    Some(Subject::new(FIELD, number?).with(NAME, name?))
}

fn split(data: Data<'_>) -> (Record, Vec<Encoded<'_>>) {
    let record = fill!(Company {
        data.profile => { name = company_name, address, email }
        data.identity => { number = cac }
        data.meta_data => { status, activity, incorporated_on = incorporation_at }
    });
    (company(record), Vec::new())
}
