//! The claims of a request: what a person says about themselves, to be compared with the record.

use crate::{
    Claim, Fields, Number, Sensitive, Subject, date, fields::plain_text, matching::is_nothing,
    number::any_phone, refusal::Fault,
};

impl Claim {
    /// Whether the text is a filler that forms send for an empty field, such as `NIL`.
    fn is_blank(self, text: &str) -> bool {
        let is_words = matches!(
            self,
            Self::FirstName | Self::MiddleName | Self::LastName | Self::CompanyName | Self::Address
        );
        is_words && is_nothing(text)
    }

    /// Parses and normalises a claimed value.
    fn parse(self, text: &str) -> Result<Sensitive<String>, Fault> {
        match self {
            Self::DateOfBirth | Self::ExpiryDate => {
                date::claimed(text).map(|day| Sensitive::new(day.to_string()))
            }
            Self::Phone => phone(text).map(Sensitive::new),
            Self::Nin => Number::nin(text).map(|nin| Sensitive::from(nin.expose())),
            Self::Gender => gender(text).map(Sensitive::from).ok_or_else(|| {
                Fault::new(
                    "is not a gender that the provider knows",
                    "write male or female",
                )
            }),
            _ => plain_text(text),
        }
    }
}

/// Parses a Nigerian mobile number, or any other number that is unambiguous: with a country code, or with a leading 0.
fn phone(text: &str) -> Result<String, Fault> {
    Number::phone(text).map_or_else(
        |fault| {
            let is_clear = |number: &String| text.contains('+') || number.starts_with('0');
            any_phone(text).filter(is_clear).ok_or_else(|| {
                Fault::new(
                    fault.problem,
                    "write it like 0803 123 4567, or with its country code: +44 7700 900123",
                )
            })
        },
        |mobile| Ok(mobile.expose().to_owned()),
    )
}

/// Parses a gender in any usual spelling to `male` or `female`.
pub fn gender(text: &str) -> Option<&'static str> {
    let letters = text.chars().filter(|c| c.is_alphabetic());
    let word: String = letters.flat_map(char::to_lowercase).collect();
    match word.as_str() {
        "m" | "male" | "man" | "boy" | "masculine" => Some("male"),
        "f" | "female" | "woman" | "girl" | "feminine" => Some("female"),
        _ => None,
    }
}

/// The claims of one request, in the order of [`Claim`].
#[derive(Clone, Debug, Default)]
pub struct Claims(Vec<(Claim, Sensitive<String>)>);

impl Claims {
    /// Takes the object `claims` out of a request. `allowed` lists the fields that the kind can compare with its record.
    pub fn read(fields: &mut Fields, allowed: &'static [Claim]) -> Self {
        let claims = fields.object("claims", |object| {
            let claimed = allowed
                .iter()
                .filter_map(|claim| {
                    let value = object.parsed(claim.name(), |text| claim.parse(text))?;
                    (!claim.is_blank(value.expose())).then_some((*claim, value))
                })
                .collect();
            Self(claimed)
        });
        claims.unwrap_or_default()
    }

    /// Adds the details that are sent to the provider: a name that is needed to find the record is claimed, too. An
    /// explicit claim of the same field takes precedence.
    #[must_use]
    pub fn with_required(&self, subject: &Subject) -> Self {
        let required = |claim: &Claim| {
            let value = subject.details.get(claim.name())?;
            (self.get(*claim).is_none() && !claim.is_blank(value.expose()))
                .then(|| (*claim, value.clone()))
        };
        let mut all: Vec<(Claim, Sensitive<String>)> =
            Claim::ALL.iter().filter_map(required).collect();
        all.extend(self.0.iter().cloned());
        all.sort_by_key(|(claim, _)| *claim);
        Self(all)
    }

    /// Whether nothing was claimed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the claimed value of a field.
    pub fn get(&self, claim: Claim) -> Option<&str> {
        self.0
            .iter()
            .find(|(claimed, _)| *claimed == claim)
            .map(|(_, value)| value.expose().as_str())
    }

    /// Iterates over all claims.
    pub fn iter(&self) -> impl Iterator<Item = (Claim, &str)> {
        self.0
            .iter()
            .map(|(claim, value)| (*claim, value.expose().as_str()))
    }

    /// Returns the claims as a JSON object, for the sealed request.
    pub fn to_json(&self) -> serde_json::Map<String, serde_json::Value> {
        self.iter()
            .map(|(claim, value)| (claim.name().to_owned(), value.into()))
            .collect()
    }
}
