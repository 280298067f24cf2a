//! The columns of a table: which field of a job each of them holds, by the names that people give them.

use kyc_domain::Claim;
use kyc_kinds::KINDS;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    /// The kind of the row.
    Kind,
    /// The number of the row, whichever kind it has.
    Number,
    /// A field of the job or one of its claims, as the kind of the row has it.
    Field(&'static str),
    /// A field that every job may have, as text.
    Term(&'static str),
    MaxAttempts,
    Fresh,
    /// A field of the object `consent`.
    Consent(&'static str),
    /// Nothing that is read.
    Ignored,
    /// It has no name.
    Unnamed,
}

/// The fields that every job may have, as text.
const TERMS: [&str; 8] = [
    "reference",
    "tenant",
    "priority",
    "idempotency_key",
    "not_before",
    "deadline",
    "callback_url",
    "purpose",
];

/// Other names of fields, without blanks and punctuation.
const ALSO: &[(&str, &[&str])] = &[
    ("kind", &["type", "idtype", "checktype", "verificationtype"]),
    ("number", &["idnumber", "idno"]),
    ("bvn", &["bvnno", "bvnnumber", "bankverificationnumber"]),
    (
        "nin",
        &[
            "ninno",
            "ninnumber",
            "nationalidentificationnumber",
            "nationalidnumber",
        ],
    ),
    (
        "phone",
        &[
            "phoneno",
            "phonenumber",
            "mobile",
            "mobileno",
            "mobilenumber",
            "mobilephone",
            "telephone",
            "telephonenumber",
            "telephoneno",
            "tel",
            "telno",
            "msisdn",
            "gsm",
            "gsmno",
            "gsmnumber",
        ],
    ),
    (
        "rc_number",
        &[
            "rc",
            "rcno",
            "cac",
            "cacno",
            "cacnumber",
            "bnnumber",
            "registrationnumber",
            "registrationno",
            "companynumber",
        ],
    ),
    (
        "license_number",
        &[
            "licenceno",
            "licencenumber",
            "licenseno",
            "driverslicense",
            "driverslicence",
            "driverslicensenumber",
            "driverslicencenumber",
            "driverslicenseno",
            "driverslicenceno",
        ],
    ),
    (
        "passport_number",
        &["passport", "passportno", "internationalpassportnumber"],
    ),
    (
        "first_name",
        &["firstnames", "givenname", "givennames", "forename", "fname"],
    ),
    (
        "middle_name",
        &[
            "middlenames",
            "othername",
            "othernames",
            "secondname",
            "mname",
        ],
    ),
    (
        "last_name",
        &["lastnames", "surname", "familyname", "lname"],
    ),
    (
        "date_of_birth",
        &["dob", "birthdate", "birthday", "dateofbirthyyyymmdd"],
    ),
    ("gender", &["sex"]),
    (
        "company_name",
        &["company", "businessname", "nameofcompany", "registeredname"],
    ),
    ("address", &["companyaddress", "registeredaddress"]),
    ("email", &["emailaddress", "mail"]),
    (
        "expiry_date",
        &["expiry", "expires", "expirationdate", "dateofexpiry"],
    ),
    (
        "reference",
        &[
            "ref",
            "refno",
            "referenceno",
            "referencenumber",
            "externalreference",
            "yourreference",
            "customerid",
            "clientid",
        ],
    ),
    ("idempotency_key", &["idempotency"]),
    (
        "consent_obtained_at",
        &["consentat", "consentdate", "consenttime"],
    ),
    ("consent_reference", &["consentref"]),
];

/// Columns that count the rows.
const COUNTERS: [&str; 5] = ["sn", "sno", "serialno", "serialnumber", "rownumber"];

impl Column {
    /// Returns what a column of this name holds.
    pub(crate) fn named(heading: &str) -> Option<Self> {
        let name = plain(heading);
        if heading.trim_start().to_ascii_lowercase().starts_with("x-")
            || COUNTERS.contains(&name.as_str())
        {
            return Some(Self::Ignored);
        }
        // As in a job: `claims.first_name`, `consent.reference`.
        let name = name.strip_prefix("claims").unwrap_or(&name);
        let field = fields().find(|field| plain(field) == name).or_else(|| {
            let also = ALSO.iter().find(|(_, names)| names.contains(&name));
            also.map(|(field, _)| *field)
        });
        field.map(Self::of)
    }

    /// Returns what the column of a field holds.
    fn of(field: &'static str) -> Self {
        match field {
            "kind" => Self::Kind,
            "number" => Self::Number,
            "max_attempts" => Self::MaxAttempts,
            "fresh" => Self::Fresh,
            "consent_obtained_at" => Self::Consent("obtained_at"),
            "consent_reference" => Self::Consent("reference"),
            term if TERMS.contains(&term) => Self::Term(term),
            field => Self::Field(field),
        }
    }

    /// Returns the field whose name is close to this heading, which has a slip of the pen.
    pub(crate) fn close_to(heading: &str) -> Option<&'static str> {
        let name = plain(heading);
        let distance = |field: &&str| strsim::damerau_levenshtein(&plain(field), &name);
        let closest = fields().min_by_key(distance)?;
        (name.len() > 3 && distance(&closest) <= 2).then_some(closest)
    }
}

/// Returns all fields that a column can hold, by the names that the documentation uses.
pub(crate) fn fields() -> impl Iterator<Item = &'static str> {
    let of_kinds = KINDS
        .iter()
        .flat_map(|kind| std::iter::once(kind.field).chain(kind.required.iter().copied()));
    let own = [
        "kind",
        "number",
        "max_attempts",
        "fresh",
        "consent_obtained_at",
        "consent_reference",
    ];
    let claims = Claim::ALL.into_iter().map(Claim::name);
    own.into_iter().chain(of_kinds).chain(claims).chain(TERMS)
}

/// Returns the letters and digits of a name, in lower case.
pub(crate) fn plain(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_the_names_that_people_give_them() {
        for (heading, column) in [
            ("BVN", Column::Field("bvn")),
            ("Bank Verification Number", Column::Field("bvn")),
            ("Phone No.", Column::Field("phone")),
            ("Date of Birth", Column::Field("date_of_birth")),
            ("D.O.B.", Column::Field("date_of_birth")),
            ("Surname", Column::Field("last_name")),
            ("Driver's Licence No", Column::Field("license_number")),
            ("claims.first_name", Column::Field("first_name")),
            ("consent.obtained_at", Column::Consent("obtained_at")),
            ("idempotencyKey", Column::Term("idempotency_key")),
            ("Ref", Column::Term("reference")),
            ("S/N", Column::Ignored),
            ("x-branch", Column::Ignored),
        ] {
            assert_eq!(Column::named(heading), Some(column), "{heading}");
        }
        for unknown in ["name", "branch", "22212345061", ""] {
            assert_eq!(Column::named(unknown), None, "{unknown}");
        }
        assert_eq!(Column::close_to("refernce"), Some("reference"));
        assert_eq!(Column::close_to("Okafor"), None);
    }

    #[test]
    fn no_name_means_two_fields() {
        let mut names: Vec<&str> = ALSO
            .iter()
            .flat_map(|(_, names)| names.iter().copied())
            .collect();
        for name in &names {
            assert!(
                fields().all(|field| plain(field) != *name),
                "{name} is a field"
            );
            assert_eq!(plain(name), *name);
        }
        for (field, _) in ALSO {
            assert!(fields().any(|known| known == *field), "{field} is no field");
        }
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
