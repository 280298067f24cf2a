//! A requested verification: the subject, its claims, and the terms.

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::{Claim, Claims, Refusals, Subject, Terms};

/// A requested verification, validated and normalised. It is personal data.
#[derive(Clone, Debug)]
pub struct Request {
    /// The kind's name, such as `bvn`.
    pub kind: &'static str,
    /// The person or company that the request is about.
    pub subject: Subject,
    /// The values to compare with the record.
    pub claims: Claims,
    /// How to carry out the verification.
    pub terms: Terms,
}

impl Request {
    /// Creates a request.
    ///
    /// Refuses a reference or tenant that contains a number of the person, because both are stored unsealed.
    pub fn new(
        kind: &'static str,
        subject: Subject,
        claims: Claims,
        terms: Terms,
    ) -> Result<Self, Refusals> {
        let open = [
            ("reference", terms.reference.as_deref()),
            ("tenant", Some(terms.tenant.as_str())),
        ];
        let claimed = [Claim::Nin, Claim::Phone]
            .into_iter()
            .filter_map(|claim| claims.get(claim));
        // The number of a company is public, and producers often use it as their own id of the company.
        let own = (subject.field != "rc_number").then(|| subject.number.expose());
        let numbers: Vec<&str> = claimed.chain(own).collect();
        for (field, text) in open {
            if text.is_some_and(|text| numbers.iter().any(|number| carries(text, number))) {
                return Err(Refusals::one(
                    field,
                    "contains a number of the person",
                    "use an id of your own: this field is stored and shown in plain text",
                ));
            }
        }
        if let (Some(from), Some(until)) = (terms.not_before, terms.deadline)
            && until <= from
        {
            return Err(Refusals::one(
                "deadline",
                "is not after not_before",
                "choose a deadline after not_before",
            ));
        }
        Ok(Self {
            kind,
            subject,
            claims,
            terms,
        })
    }

    /// Returns the request as JSON from which it can be parsed again, normalised and in a fixed order, for sealing.
    pub fn to_json(&self) -> Zeroizing<String> {
        let mut object = Map::new();
        object.insert("kind".to_owned(), self.kind.into());
        object.insert(
            self.subject.field.to_owned(),
            self.subject.number.written().into(),
        );
        for (field, value) in &self.subject.details {
            object.insert((*field).to_owned(), value.expose().as_str().into());
        }
        if !self.claims.is_empty() {
            object.insert("claims".to_owned(), Value::Object(self.claims.to_json()));
        }
        self.terms.write(&mut object);
        Zeroizing::new(Value::Object(object).to_string())
    }
}

/// Whether a text contains a number, in any grouping, with or without the country code.
///
/// Numbers of less than six characters do not count, because harmless texts contain them by chance.
fn carries(text: &str, number: &str) -> bool {
    let compact: String = text
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .flat_map(char::to_uppercase)
        .collect();
    let core = number.trim_start_matches('0').to_uppercase();
    core.len() >= 6 && compact.contains(&core)
}
