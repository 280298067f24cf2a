//! Parsers of settings. An error is the remedy: how to write the value.

use std::time::Duration;

use kyc_kinds::Kind;

use kyc_domain::AmbiguousCalls;

/// The longest duration, 100 years, in milliseconds. Redis adds durations to its clock, and refuses a
/// time that it cannot represent.
const LONGEST_MS: u64 = 36_500 * 86_400_000;
/// The largest count, and the largest size in bytes.
const LARGEST: u64 = i32::MAX as u64;

/// Parses a duration: `500ms`, `30s`, `5m`, `24h`, `7d`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let units = [
        ("ms", 1),
        ("s", 1000),
        ("m", 60_000),
        ("h", 3_600_000),
        ("d", 86_400_000),
    ];
    match with_unit(text, &units) {
        Some(ms) if ms <= LONGEST_MS => Ok(Duration::from_millis(ms)),
        Some(_) => Err("write at most 36500d (100 years)".to_owned()),
        None => Err("write a number and a unit, like 500ms, 30s, 5m, 24h or 7d".to_owned()),
    }
}

/// Parses how long a job may wait: at least an hour.
pub(crate) fn longest_wait(text: &str) -> Result<Duration, String> {
    let longest = duration(text)?;
    if longest < Duration::from_secs(3600) {
        return Err("write at least 1h, because jobs that wait longer end as dead".to_owned());
    }
    Ok(longest)
}

/// Parses a size: `65536`, `512KiB`, `8MiB`, `1GiB`.
pub(crate) fn bytes(text: &str) -> Result<usize, String> {
    let units = [
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
        ("", 1),
    ];
    let bytes = with_unit(text, &units)
        .ok_or_else(|| "write a size, like 65536, 512KiB or 8MiB".to_owned())?;
    within(bytes).ok_or_else(|| format!("write at most {LARGEST} (bytes)"))
}

/// Returns the value in smallest units, `u64::MAX` if it is larger than that; `None` if the text
/// cannot be read, or is zero.
fn with_unit(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let (_, factor) = units.iter().find(|(name, _)| *name == unit.trim())?;
    let value = whole(number)?.saturating_mul(*factor);
    (value > 0).then_some(value)
}

/// Returns a whole number, or `u64::MAX` if it is larger than that.
fn whole(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

fn within<T: TryFrom<u64>>(number: u64) -> Option<T> {
    T::try_from(number).ok().filter(|_| number <= LARGEST)
}

/// Parses a whole number from 1.
pub(crate) fn count<T: TryFrom<u64>>(text: &str) -> Result<T, String> {
    let number = whole(text.trim())
        .filter(|number| *number > 0)
        .ok_or_else(|| "write a whole number from 1".to_owned())?;
    within(number).ok_or_else(too_large)
}

/// Parses a whole number from 0.
pub(crate) fn count_or_none(text: &str) -> Result<u32, String> {
    let number = whole(text.trim()).ok_or_else(|| "write a whole number from 0".to_owned())?;
    within(number).ok_or_else(too_large)
}

fn too_large() -> String {
    format!("write at most {LARGEST}")
}

/// Parses `true` or `false`.
pub(crate) fn truth(text: &str) -> Result<bool, String> {
    text.trim()
        .parse()
        .map_err(|_| "write true or false".to_owned())
}

/// Parses `retry` or `hold`.
pub(crate) fn ambiguous_calls(text: &str) -> Result<AmbiguousCalls, String> {
    match text.trim() {
        "retry" => Ok(AmbiguousCalls::Retry),
        "hold" => Ok(AmbiguousCalls::Hold),
        _ => Err("write retry or hold".to_owned()),
    }
}

/// Returns the kind with this name.
pub(crate) fn kind(name: &str) -> Result<&'static Kind, String> {
    let known = || kyc_kinds::names().collect::<Vec<_>>().join(", ");
    kyc_kinds::find(name.trim())
        .ok_or_else(|| format!("it names no kind before a =; the kinds are {}", known()))
}

/// Splits a text at its commas, and drops empty parts.
pub(crate) fn list(text: &str) -> Vec<String> {
    text.split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Parses the address of a blob store. The path of `file:` may be relative.
pub(crate) fn blob_url(text: &str) -> Result<String, String> {
    let Some(path) = text
        .strip_prefix("file:")
        .filter(|path| !path.starts_with("//"))
    else {
        return Ok(text.to_owned());
    };
    let absolute = std::path::absolute(path).map_err(|error| error.to_string())?;
    url::Url::from_file_path(absolute)
        .map(String::from)
        .map_err(|()| "write file: and a path, like file:kyc-data/blobs".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_need_their_unit() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("7d"), Ok(Duration::from_secs(7 * 86_400)));
        assert_eq!(bytes("8MiB"), Ok(8 << 20));
        assert_eq!(bytes("65536"), Ok(65_536));
        for wrong in ["30", "", "s", "-5s", "1.5h", "0s", "99999999999999999999d"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
        assert_eq!(longest_wait("1h"), duration("60m"));
        for wrong in ["59m", "0h", "1"] {
            assert!(longest_wait(wrong).is_err(), "{wrong}");
        }
        for wrong in ["8MB", "0", "x"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn values_are_bounded_and_the_remedy_names_the_bound() {
        let century = Duration::from_secs(36_500 * 86_400);
        assert_eq!(duration("36500d"), Ok(century));
        assert_eq!(duration("876000h"), Ok(century));
        for long in ["36501d", "107000000000d", "3153600000001ms"] {
            let remedy = duration(long).unwrap_err();
            assert!(remedy.contains("at most 36500d"), "{long}: {remedy}");
        }
        assert_eq!(count::<usize>("2147483647"), Ok(2_147_483_647));
        assert_eq!(count_or_none("0"), Ok(0));
        assert_eq!(bytes("2147483647"), Ok(2_147_483_647));
        for large in ["2147483648", "18446744073709551615", "99999999999999999999"] {
            for remedy in [
                count::<u64>(large).unwrap_err(),
                count_or_none(large).unwrap_err(),
                bytes(large).unwrap_err(),
            ] {
                assert!(remedy.contains("at most 2147483647"), "{large}: {remedy}");
            }
        }
        for wrong in ["", "-1", "1.5", "x"] {
            assert!(count::<u32>(wrong).is_err() && count_or_none(wrong).is_err());
        }
        assert!(count::<u32>("0").is_err());
    }

    #[test]
    fn what_becomes_of_ambiguous_calls_is_one_of_two() {
        assert_eq!(ambiguous_calls("retry"), Ok(AmbiguousCalls::Retry));
        assert_eq!(ambiguous_calls(" hold "), Ok(AmbiguousCalls::Hold));
        for wrong in ["", "never", "Ask", "true"] {
            assert!(ambiguous_calls(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_relative_folder_becomes_an_address() {
        let url = blob_url("file:kyc-data/blobs").unwrap();
        assert!(
            url.starts_with("file:///") && url.ends_with("/kyc-data/blobs"),
            "{url}"
        );
        assert_eq!(blob_url("s3://bucket/kyc").unwrap(), "s3://bucket/kyc");
    }
}
