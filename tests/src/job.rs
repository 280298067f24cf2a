//! Jobs about the sandbox's people.

use kyc_domain::Request;
use kyc_kinds::{Kind, Rules};
use serde_json::{Map, Value, json};

/// The claims that every kind about persons accepts.
pub const CLAIMED_NAMES: [&str; 3] = ["first_name", "last_name", "date_of_birth"];

/// Returns a number of that kind whose sandbox case is `code`.
///
/// # Panics
/// On a kind that does not exist.
pub fn number(kind: &str, code: &str) -> String {
    let start = match kind {
        "bvn" => "22212345",
        "nin" => "12345678",
        "nin_phone" => "08031234",
        "cac" => "1234",
        "drivers_license" => "ABC12345AA",
        "passport" => "A01234",
        other => panic!("there is no kind {other}"),
    };
    format!("{start}{code}")
}

/// A job with the fields that the provider requires beside the number.
#[derive(Clone)]
pub struct Job {
    kind: &'static Kind,
    /// The sandbox's record of the number.
    pub who: Value,
    object: Map<String, Value>,
}

impl Job {
    /// Returns a job about that number.
    ///
    /// # Panics
    /// On a kind that does not exist.
    pub fn new(kind: &str, number: &str) -> Self {
        let kind = kyc_kinds::find(kind).expect("the kind exists");
        let who =
            kyc_sandbox::identity(kind.name, number).expect("the sandbox knows the same kinds");
        let mut object = Map::new();
        object.insert("kind".to_owned(), kind.name.into());
        object.insert(kind.field.to_owned(), number.into());
        for field in kind.required {
            object.insert((*field).to_owned(), who[*field].clone());
        }
        Self { kind, who, object }
    }

    /// Returns a job whose number has that case.
    pub fn of_case(kind: &str, code: &str) -> Self {
        Self::new(kind, &number(kind, code))
    }

    /// The number.
    pub fn number(&self) -> &str {
        self.object[self.kind.field].as_str().unwrap_or_default()
    }

    /// The tenant that it names, or else `default`.
    pub fn tenant(&self) -> &str {
        let named = self.object.get("tenant").and_then(Value::as_str);
        named.unwrap_or("default")
    }

    /// The field that holds the number.
    pub fn number_field(&self) -> &'static str {
        self.kind.field
    }

    /// Sets another field of the job.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.object.insert(field.to_owned(), value.into());
        self
    }

    /// Adds claims that agree with the record.
    #[must_use]
    pub fn claiming(self, fields: &[&str]) -> Self {
        let claims: Map<String, Value> = fields
            .iter()
            .map(|field| ((*field).to_owned(), self.who[*field].clone()))
            .collect();
        self.with("claims", claims)
    }

    /// Adds the usual claims of the kind, all of which agree with the record.
    #[must_use]
    pub fn claiming_what_it_can(self) -> Self {
        match self.kind.name {
            "cac" => self.claiming(&["company_name", "address", "email"]),
            _ => self.claiming(&CLAIMED_NAMES),
        }
    }

    /// Returns the job as JSON text.
    pub fn json(&self) -> String {
        json!(self.object).to_string()
    }

    /// Returns the job as a request for the queue.
    ///
    /// # Panics
    /// When the job breaks a rule.
    pub fn request(&self) -> Request {
        kyc_kinds::parse(self.json().as_bytes(), Rules::default()).expect("the job is valid")
    }

    /// Returns the name of the job's number in the sandbox's ledger.
    pub fn in_ledger(&self) -> String {
        format!("{}/{}", self.kind.name, self.number())
    }
}
