//! Refusals of unknown keys.
//!
//! A key is repeated only if it is a misspelt known field. Any other key may be a person's name or number in the wrong place.

use crate::{
    Claim,
    refusal::{Fault, Refusal},
};

/// Returns the refusals of the keys that remain in the object whose fields begin with `prefix`.
pub(super) fn refusals<'a>(
    prefix: &str,
    keys: impl Iterator<Item = &'a String>,
    known: &[&'static str],
) -> Vec<Refusal> {
    let all = format!("known here: {}", known.join(", "));
    let claims = Claim::ALL.map(Claim::name);
    let (mut refusals, mut unlike) = (Vec::new(), 0);
    for key in keys {
        let remedy = match (meant(key, known), meant(key, &claims)) {
            (Some(field), _) => format!("perhaps {field} was meant; {all}"),
            // A claim in the wrong object.
            (None, Some(_)) => all.clone(),
            (None, None) => {
                unlike += 1;
                continue;
            }
        };
        refusals.push(refusal(
            format!("{prefix}{key}"),
            Fault::new("is not known", remedy),
        ));
        // More refusals of this kind would not help the producer.
        refusals.truncate(5);
    }
    let problem = match unlike {
        0 => return refusals,
        1 => "has a field that is not known".to_owned(),
        many => format!("has {many} fields that are not known"),
    };
    let object = prefix.strip_suffix('.').unwrap_or("job").to_owned();
    refusals.push(refusal(object, Fault::new(problem, all)));
    refusals
}

fn refusal(field: String, fault: Fault) -> Refusal {
    Refusal {
        field,
        problem: fault.problem,
        remedy: fault.remedy,
    }
}

/// Returns the known field that was probably meant, if the key is close enough to one to be repeated.
fn meant(key: &str, known: &[&'static str]) -> Option<&'static str> {
    // Only letters may be shown in a sentence, even if the key is close to a field.
    let plain = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '-' | ' ');
    if key.len() > LONGEST || !key.chars().all(plain) {
        return None;
    }
    let letters = letters(key);
    let typos = |field: &&'static str| {
        let field = self::letters(field);
        let typos = strsim::osa_distance(&letters, &field);
        (typos <= allowed(field.len())).then_some(typos)
    };
    let close = known
        .iter()
        .filter_map(|field| Some((typos(field)?, field)));
    close.min().map(|(_, field)| *field)
}

/// A longer key is not close to any field.
const LONGEST: usize = 32;

/// Reduces a key to its letters: `firstName` and `First-Name` become the same as `first_name`.
fn letters(key: &str) -> String {
    let letters = key.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_lowercase()).collect()
}

/// Returns how many typos a field of this length allows. Names of people are close to short fields: Emil is one letter from
/// `email`, Nina one from `nin`.
fn allowed(letters: usize) -> usize {
    match letters {
        0..=6 => 0,
        7..=8 => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::Fields;

    const KNOWN: &[&str] = &[
        "bvn",
        "claims",
        "date_of_birth",
        "email",
        "first_name",
        "gender",
        "last_name",
        "middle_name",
        "nin",
        "phone",
        "reference",
        "tenant",
    ];

    #[test]
    fn a_misspelt_field_is_recognised() {
        for (key, field) in [
            ("firstName", "first_name"),
            ("First-Name", "first_name"),
            ("FIRST NAME", "first_name"),
            ("fisrt_name", "first_name"),
            ("last_nam", "last_name"),
            ("lastname", "last_name"),
            ("date_of_brith", "date_of_birth"),
            ("dateOfBirth", "date_of_birth"),
            ("referance", "reference"),
            ("Phone", "phone"),
            ("BVN", "bvn"),
            ("e-mail", "email"),
        ] {
            assert_eq!(meant(key, KNOWN), Some(field), "{key}");
        }
    }

    #[test]
    fn a_key_that_may_be_personal_data_is_not_recognised() {
        for key in [
            "adaeze_okafor",
            "okafor",
            "Adaeze",
            "nina",
            "emil",
            "emile",
            "phoebe",
            "tennant",
            "bender",
            "shoe_size",
            "22212345678",
            "bvn_22212345678",
            "nin1",
            "first_name1",
            "phone=08031234567",
            "Ọláwálé",
            "",
            " ",
            "_",
            "a\u{1b}[31m",
            "first_name first_name first_name first_name",
        ] {
            assert_eq!(meant(key, KNOWN), None, "{key}");
        }
        assert_eq!(meant("first_name", &[]), None);
    }

    #[test]
    fn a_key_that_may_be_a_name_is_not_repeated() {
        for (job, sentence) in [
            (
                r#"{"claims": {"adaeze_okafor": "x"}}"#,
                "claims has a field that is not known; known here: last_name",
            ),
            (
                r#"{"claims": {"adaeze": 1, "OKAFOR": 1, "Ọkáfọ̀": 1}}"#,
                "claims has 3 fields that are not known; known here: last_name",
            ),
            (
                r#"{"dateOfBirth": "x"}"#,
                "dateOfBirth is not known; known here: claims",
            ),
            (
                r#"{"adaeze_okafor": {"adaeze": 1}}"#,
                "job has a field that is not known; known here: claims",
            ),
        ] {
            let Value::Object(job) = serde_json::from_str(job).unwrap() else {
                panic!("an object")
            };
            let mut job = Fields::new(job);
            job.object("claims", |claims| claims.sensitive("last_name"));
            assert_eq!(job.finish(Some(())).unwrap_err().to_string(), sentence);
        }
    }
}
