//! Parses what a match requires: settings as a policy for each kind.

use kyc_domain::{
    Claim, MatchPolicies, MatchPolicy,
    matching::{Required, WatchList},
};
use kyc_kinds::Kind;

use super::{Layers, WrongSetting, parse};

/// Reads the policies.
pub(super) fn read(layers: &Layers) -> Result<MatchPolicies, WrongSetting> {
    let otherwise = MatchPolicy {
        required: Required::Claimed,
        close_spelling: layers.parsed("match_close_spelling", close_spelling)?,
        name_share: layers.parsed("match_name_share", share)?,
        watch_list: layers.parsed("watch_list", watch_list)?,
    };
    let of_kind = |(kind, fields)| {
        let policy = MatchPolicy {
            required: Required::Fields(fields),
            ..otherwise.clone()
        };
        (kind, policy)
    };
    let fields = parse::list(&layers.text("match_fields"));
    let fields = fields_by_kind(&fields).map_err(|remedy| layers.wrong("match_fields", &remedy))?;
    Ok(MatchPolicies {
        of_kind: fields.into_iter().map(of_kind).collect(),
        otherwise,
        ignores_required: layers.parsed("match_required", ignores_required)?,
    })
}

fn ignores_required(text: &str) -> Result<bool, String> {
    match text {
        "compare" => Ok(false),
        "ignore" => Ok(true),
        _ => Err("write compare or ignore".to_owned()),
    }
}

type OfKind = (&'static str, Vec<Claim>);

/// Parses `all`, or entries like `bvn=last_name+date_of_birth` and `cac=company_name`. A typo is refused, because a verdict
/// would depend on fewer fields than intended.
fn fields_by_kind(entries: &[String]) -> Result<Vec<OfKind>, String> {
    if matches!(entries, [all] if all == "all") {
        return Ok(Vec::new());
    }
    let mut of_kinds: Vec<OfKind> = Vec::new();
    for entry in entries {
        let (name, fields) = entry.split_once('=').ok_or(FORM)?;
        let kind = parse::kind(name)?;
        if of_kinds.iter().any(|(other, _)| *other == kind.name) {
            return Err(format!("name {} once", kind.name));
        }
        if fields.trim() != "all" {
            let fields = fields.split('+').map(|field| claim(kind, field.trim()));
            of_kinds.push((kind.name, fields.collect::<Result<_, _>>()?));
        }
    }
    Ok(of_kinds)
}

const FORM: &str =
    "write all, or fields by kind, like bvn=last_name+date_of_birth,cac=company_name";

fn claim(kind: &Kind, name: &str) -> Result<Claim, String> {
    let found = kind
        .claims
        .iter()
        .copied()
        .find(|claim| claim.name() == name);
    found.ok_or_else(|| {
        let known: Vec<&str> = kind.claims.iter().map(|claim| claim.name()).collect();
        let known = known.join(", ");
        format!(
            "it names a field that {} cannot claim; it can claim {known}",
            kind.name
        )
    })
}

/// Below this similarity, names with little in common would count as close.
const LOWEST: f64 = 0.8;

fn close_spelling(text: &str) -> Result<f64, String> {
    let number = text.trim().parse().ok();
    let fits = |number: &f64| (LOWEST..=1.0).contains(number);
    number
        .filter(fits)
        .ok_or_else(|| "write a number from 0.8 to 1, like 0.92".to_owned())
}

fn share(text: &str) -> Result<f64, String> {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    let share = match text.split_once('/') {
        Some((part, whole)) => number(part)
            .zip(number(whole))
            .map(|(part, whole)| part / whole),
        None => number(text),
    };
    share
        .filter(|share| *share > 0.0 && *share <= 1.0)
        .ok_or_else(|| "write a share above 0 and up to 1, like 2/3 or 0.6".to_owned())
}

fn watch_list(text: &str) -> Result<WatchList, String> {
    match text.trim() {
        "tell" => Ok(WatchList::Tell),
        "partial_match" => Ok(WatchList::PartialMatch),
        "no_match" => Ok(WatchList::NoMatch),
        _ => Err("write tell, partial_match or no_match".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policies(settings: &[(&str, &str)]) -> Result<MatchPolicies, String> {
        let flags = settings.iter().map(|(key, value)| {
            let flag = format!("--set {key}");
            ((*key).to_owned(), (flag, (*value).to_owned()))
        });
        let layers = Layers::read(None, flags.collect()).map_err(|wrong| wrong.to_string())?;
        read(&layers).map_err(|wrong| wrong.to_string())
    }

    #[test]
    fn nothing_set_is_the_default_policy() {
        assert_eq!(policies(&[]).unwrap(), MatchPolicies::default());
    }

    #[test]
    fn each_kind_has_the_fields_it_was_given_and_all_share_the_rest() {
        let read = policies(&[
            (
                "match_fields",
                "bvn = last_name + date_of_birth, cac=company_name, nin=all",
            ),
            ("match_name_share", "1/2"),
            ("match_close_spelling", "0.95"),
            ("watch_list", "no_match"),
        ])
        .unwrap();
        let fields = vec![Claim::LastName, Claim::DateOfBirth];
        assert_eq!(read.of("bvn").required, Required::Fields(fields));
        assert_eq!(read.of("nin").required, Required::Claimed);
        for kind in ["bvn", "cac", "passport"] {
            let policy = read.of(kind);
            assert_eq!((policy.name_share, policy.close_spelling), (0.5, 0.95));
            assert_eq!(policy.watch_list, WatchList::NoMatch);
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused_by_its_name_with_what_would_be_right() {
        for (setting, value, remedy) in [
            (
                "match_fields",
                "bvm=last_name",
                "it names no kind before a =; the kinds are bvn, nin",
            ),
            (
                "match_fields",
                "bvn=surname",
                "a field that bvn cannot claim; it can claim first_name",
            ),
            (
                "match_fields",
                "cac=last_name",
                "a field that cac cannot claim; it can claim company_name",
            ),
            ("match_fields", "bvn=", "a field that bvn cannot claim"),
            ("match_fields", "bvn", "write all, or fields by kind"),
            (
                "match_fields",
                "all,bvn=last_name",
                "write all, or fields by kind",
            ),
            ("match_fields", "bvn=phone,bvn=gender", "name bvn once"),
            ("match_close_spelling", "92", "write a number from 0.8 to 1"),
            (
                "match_close_spelling",
                "NaN",
                "write a number from 0.8 to 1",
            ),
            ("match_name_share", "0", "write a share above 0"),
            ("match_name_share", "3/2", "write a share above 0"),
            ("match_name_share", "0/0", "write a share above 0"),
            (
                "watch_list",
                "block",
                "write tell, partial_match or no_match",
            ),
        ] {
            let wrong = policies(&[(setting, value)]).unwrap_err();
            assert!(
                wrong.starts_with(&format!("--set {setting} is wrong: ")),
                "{wrong}"
            );
            assert!(wrong.contains(remedy), "{wrong}");
        }
    }
}
