//! Parses how long answers may be reused: `bvn=24h,bvn:loan=1h,nin=7d`.

use std::time::Duration;

use kyc_domain::terms::label;
use kyc_queue::Reuse;

use super::parse::{duration, kind, list};

const SYNTAX: &str =
    "write a kind, or a kind and a purpose, and a time: bvn=24h,bvn:loan=1h; off for none";

/// Parses the setting. No answer may be reused for longer than the completed job that it belongs to is kept.
pub(super) fn reuse(text: &str, keep_completed: Duration) -> Result<Reuse, String> {
    let mut reuse = Reuse::default();
    for row in list(text) {
        let (whose, window) = row.split_once('=').ok_or(SYNTAX)?;
        let (name, purpose) = match whose.split_once(':') {
            Some((name, purpose)) => (name, Some(purpose.trim())),
            None => (whose, None),
        };
        let kind = kind(name)?;
        if purpose.is_some_and(|purpose| purpose.is_empty() || label(purpose, 64).is_err()) {
            return Err("a purpose is 1 to 64 printable ASCII characters".to_owned());
        }
        let window = match window.trim() {
            "off" => Duration::ZERO,
            window => duration(window)?,
        };
        reuse = reuse.with(kind.name, purpose, window);
    }
    if reuse.longest() > keep_completed {
        return Err(
            "no time may be longer than keep_completed: until then the answer is kept".to_owned(),
        );
    }
    Ok(reuse)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn kinds_and_purposes_have_times_of_their_own() {
        let read = reuse("bvn=24h, bvn:loan = 1h,nin=7d,nin:card=off", HOUR * 24 * 7).unwrap();
        for (kind, purpose, window) in [
            ("bvn", None, Some(HOUR * 24)),
            ("bvn", Some("loan"), Some(HOUR)),
            ("nin", Some("loan"), Some(HOUR * 24 * 7)),
            ("nin", Some("card"), None),
            ("cac", None, None),
        ] {
            assert_eq!(read.window(kind, purpose), window, "{kind} {purpose:?}");
        }
        assert_eq!(reuse("", HOUR).unwrap(), Reuse::default());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_remedy() {
        for (text, says) in [
            ("bvn", "bvn=24h"),
            ("bnv=24h", "the kinds are bvn"),
            ("bvn=soon", "24h"),
            ("bvn:=24h", "purpose"),
            ("bvn=8d", "keep_completed"),
        ] {
            let remedy = reuse(text, HOUR * 24 * 7).unwrap_err();
            assert!(remedy.contains(says), "{text}: {remedy}");
        }
    }
}
