//! A verification that was asked for: the subject, what was claimed of it, and the terms.

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::{Claim, Claims, Refusals, Subject, Terms};

/// One verification as it was asked for: valid, normalised, personal.
#[derive(Clone, Debug)]
pub struct Request {
    /// The kind's name: `bvn`.
    pub kind: &'static str,
    /// What is asked about.
    pub subject: Subject,
    /// What is to be compared with the record.
    pub claims: Claims,
    /// How it is to be carried out.
    pub terms: Terms,
}

impl Request {
    /// Puts the parts together and refuses what would carry the number where it can be read.
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
        // A company's number is public, and usually what its customers are known by.
        let own = (subject.field != "rc_number").then(|| subject.number.expose());
        let numbers: Vec<&str> = claimed.chain(own).collect();
        for (field, text) in open {
            if text.is_some_and(|text| numbers.iter().any(|number| carries(text, number))) {
                return Err(Refusals::one(
                    field,
                    "holds a number of the person",
                    "use an id of your own: this field is kept and shown in clear",
                ));
            }
        }
        if let (Some(from), Some(until)) = (terms.not_before, terms.deadline)
            && until <= from
        {
            return Err(Refusals::one(
                "deadline",
                "is not after not_before",
                "give the job time to run",
            ));
        }
        Ok(Self {
            kind,
            subject,
            claims,
            terms,
        })
    }

    /// The request as the JSON it could have been read from: normalised, in a fixed order, to be sealed.
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

/// Whether a text shows a number, however it is grouped, and with or without its country's code. Numbers of less
/// than six characters stand in harmless texts by chance.
fn carries(text: &str, number: &str) -> bool {
    let compact: String = text
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .flat_map(char::to_uppercase)
        .collect();
    let core = number.trim_start_matches('0').to_uppercase();
    core.len() >= 6 && compact.contains(&core)
}
