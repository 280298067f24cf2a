//! Reads claims from a file.

use kyc_domain::{Claims, Fields, MatchPolicies, Refusals};
use kyc_kinds::{Kind, Rules};
use serde_json::{Map, Value};

use super::record::json;

const EXAMPLE: &str = r#"write it like {"last_name": "Okafor", "date_of_birth": "1986-01-20"}"#;

/// Reads an object of claims, by itself or in a job. All faults are reported at once, and none repeats a value.
pub(super) fn read(
    kind: &'static Kind,
    bytes: &[u8],
    matching: &MatchPolicies,
) -> Result<Claims, Refusals> {
    let not_an_object = || Refusals::one("claims", "is not a JSON object", EXAMPLE);
    let Value::Object(mut object) = json("claims", bytes, EXAMPLE)? else {
        return Err(not_an_object());
    };
    if object.contains_key("kind") {
        let job = Value::Object(object).to_string();
        let request = kyc_kinds::parse(job.as_bytes(), Rules::ACCEPTED)?;
        if request.kind != kind.name {
            let remedy = format!("assess it with --kind {}", request.kind);
            return Err(Refusals::one("kind", "is not the kind of --kind", &remedy));
        }
        return Ok(matching.claims(&request));
    }
    if object.len() == 1
        && let Some(inner) = object.remove("claims")
    {
        let Value::Object(inner) = inner else {
            return Err(not_an_object());
        };
        object = inner;
    }
    let mut fields = Fields::new(Map::from_iter([(
        "claims".to_owned(),
        Value::Object(object),
    )]));
    let claims = Claims::read(&mut fields, kind.claims);
    fields.finish(Some(claims))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bvn(text: &str) -> Result<Vec<&'static str>, String> {
        let claims = read(
            kyc_kinds::find("bvn").unwrap(),
            text.as_bytes(),
            &MatchPolicies::default(),
        );
        let names = |claims: Claims| claims.iter().map(|(claim, _)| claim.name()).collect();
        claims.map(names).map_err(|refused| refused.to_string())
    }

    #[test]
    fn claims_stand_by_themselves_or_in_a_job() {
        for text in [
            r#"{"last_name":"Obi"}"#,
            "\u{feff}{\"last_name\":\"Obi\"}",
            r#"{"claims":{"last_name":"Obi"}}"#,
            r#"{"kind":"bvn","bvn":"22200000000","reference":"x","claims":{"last_name":"Obi"}}"#,
        ] {
            assert_eq!(bvn(text).unwrap(), ["last_name"], "{text}");
        }
        assert!(bvn("{}").unwrap().is_empty());
    }

    #[test]
    fn what_is_wrong_is_named_and_no_value_is_repeated() {
        for (text, said) in [
            ("", "claims is empty"),
            ("{", "claims is not JSON (line 1, column 1)"),
            ("[]", "claims is not a JSON object"),
            (r#"{"claims":7}"#, "claims is not a JSON object"),
            (r#"{"lastname":"Zubairu"}"#, "claims.lastname is not known"),
            (r#"{"last_name":7}"#, "claims.last_name is not text"),
            (
                r#"{"date_of_birth":"11/10/1985"}"#,
                "claims.date_of_birth can mean two days",
            ),
            (r#"{"kind":"nin","nin":"12345678000"}"#, "--kind nin"),
        ] {
            let refused = bvn(text).unwrap_err();
            assert!(refused.contains(said), "{text}: {refused}");
            assert!(!refused.contains("Zubairu") && !refused.contains("11/10/1985"));
        }
    }
}
