//! The layers of configuration, laid over one another by figment: a setting's text, and where it came from.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use figment::{
    Figment, Provider,
    providers::{Format, Serialized, Toml},
    value::Value,
};

use super::table::{self, SETTINGS};

/// A setting that cannot be used: its name, and what would be right.
#[derive(Debug, thiserror::Error)]
#[error("{name} {remedy}")]
pub(crate) struct WrongSetting {
    name: String,
    remedy: String,
}

impl WrongSetting {
    fn new(name: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            remedy: remedy.into(),
        }
    }
}

/// `kyc.toml`, `KYC_*` and flags, merged.
pub(crate) struct Layers {
    figment: Figment,
    flags: BTreeMap<String, String>,
}

impl Layers {
    /// Reads the file (which need not exist, unless it was named) and the variables; `flags` lie on top.
    pub(crate) fn read(
        file: Option<&Path>,
        flags: BTreeMap<String, String>,
    ) -> Result<Self, WrongSetting> {
        let path = file.map_or_else(|| PathBuf::from("kyc.toml"), Path::to_owned);
        if file.is_some() && !path.is_file() {
            return Err(WrongSetting::new(
                "--config",
                format!("names {}, which is not a file", path.display()),
            ));
        }
        let toml = Toml::file_exact(&path);
        let toml = if path.is_file() {
            toml
        } else {
            Toml::string("")
        };
        known_only(&toml, &path)?;
        for key in flags.keys() {
            if table::find(key).is_none() {
                return Err(unknown(&format!("--set {key}"), key));
            }
        }
        let figment = Figment::new()
            .merge(toml)
            .merge(Serialized::defaults(variables()))
            .merge(Serialized::defaults(&flags));
        Ok(Self { figment, flags })
    }

    /// This file and nothing else: what a caller's variables say is meant for another queue.
    pub(crate) fn of_file(path: &Path) -> Self {
        Self {
            figment: Figment::from(Toml::file_exact(path)),
            flags: BTreeMap::new(),
        }
    }

    /// The setting's text; its default where nobody sets it.
    pub(crate) fn text(&self, key: &str) -> String {
        let default =
            || table::find(key).map_or_else(String::new, |setting| setting.default.to_owned());
        self.optional(key).unwrap_or_else(default)
    }

    /// The setting's text, where somebody sets it.
    pub(crate) fn optional(&self, key: &str) -> Option<String> {
        let text = match self.figment.find_value(key).ok()? {
            Value::String(_, text) => text,
            Value::Num(_, number) => number
                .to_i128()
                .map(|number| number.to_string())
                .or_else(|| Some(number.to_u128()?.to_string()))
                .or_else(|| Some(number.to_f64()?.to_string()))?,
            Value::Bool(_, truth) => truth.to_string(),
            Value::Char(_, char) => char.to_string(),
            Value::Array(_, values) => {
                let texts: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
                texts.join(",")
            }
            _ => return None,
        };
        Some(text).filter(|text| !text.is_empty())
    }

    /// A setting that may stand in a file of its own, named by `<key>_file`.
    pub(crate) fn secret(&self, key: &str) -> Result<Option<String>, WrongSetting> {
        let file_key = format!("{key}_file");
        let Some(path) = self.optional(&file_key) else {
            return Ok(Some(self.text(key)).filter(|text| !text.is_empty()));
        };
        if self.optional(key).is_some() {
            return Err(self.wrong(key, &format!("is set, and {file_key} too: set one of them")));
        }
        let text = std::fs::read_to_string(&path).map_err(|error| {
            self.wrong(
                &file_key,
                &format!("names a file that cannot be read: {error}"),
            )
        })?;
        Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
    }

    /// A setting that is parsed; the parser says what would be right.
    pub(crate) fn parsed<T>(
        &self,
        key: &str,
        parse: fn(&str) -> Result<T, String>,
    ) -> Result<T, WrongSetting> {
        parse(&self.text(key)).map_err(|remedy| self.wrong(key, &remedy))
    }

    /// The setting cannot be used. Its value is not repeated: it may be secret.
    pub(crate) fn wrong(&self, key: &str, remedy: &str) -> WrongSetting {
        let verb = if self.optional(key).is_some() {
            "is wrong"
        } else {
            "is not set"
        };
        WrongSetting::new(self.name(key), format!("{verb}: {remedy}"))
    }

    /// The setting's name as it was set.
    fn name(&self, key: &str) -> String {
        if self.flags.contains_key(key) {
            return format!("--set {key}");
        }
        let in_file = self
            .figment
            .find_metadata(key)
            .is_some_and(|metadata| metadata.name.contains("TOML"));
        if in_file {
            format!("{key} in kyc.toml")
        } else {
            format!("KYC_{}", key.to_uppercase())
        }
    }
}

fn known_only(toml: &impl Provider, path: &Path) -> Result<(), WrongSetting> {
    let profiles = toml.data().map_err(|error| {
        // figment's sentence can repeat the line, which may hold a secret.
        let kind = if matches!(error.kind, figment::error::Kind::Message(_)) {
            "is not valid TOML"
        } else {
            "cannot be read"
        };
        WrongSetting::new(path.display().to_string(), kind)
    })?;
    for key in profiles.values().flat_map(|settings| settings.keys()) {
        if table::find(key).is_none() {
            return Err(unknown(&format!("{key} in {}", path.display()), key));
        }
    }
    Ok(())
}

fn unknown(name: &str, key: &str) -> WrongSetting {
    // A long common beginning is a good enough guess at what was meant.
    let common = |other: &str| {
        key.chars()
            .zip(other.chars())
            .take_while(|(a, b)| a == b)
            .count()
    };
    let near = SETTINGS
        .iter()
        .max_by_key(|setting| (common(setting.key), std::cmp::Reverse(setting.key.len())));
    let guess = near
        .filter(|setting| common(setting.key) >= 3)
        .map_or_else(String::new, |setting| {
            format!("; did you mean {}?", setting.key)
        });
    WrongSetting::new(name, format!("is not a setting{guess}"))
}

/// The `KYC_*` variables that are settings, as they stand: figment's own reader would take `0123` for a number.
fn variables() -> BTreeMap<String, String> {
    environment()
        .filter_map(|(name, value)| Some((name.strip_prefix("KYC_")?.to_lowercase(), value)))
        .filter(|(key, _)| table::find(key).is_some())
        .collect()
}

/// What the cloud stores read from the environment, under their own names.
pub(crate) fn cloud_options() -> Vec<(String, String)> {
    const PREFIXES: [&str; 3] = ["AWS_", "AZURE_", "GOOGLE_"];
    environment()
        .filter(|(name, _)| PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
        .map(|(name, value)| (name.to_lowercase(), value))
        .collect()
}

/// All variables that are text; others are none of ours.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(flags: &[(&str, &str)]) -> Result<Layers, WrongSetting> {
        let flags = flags
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Layers::read(None, flags.collect())
    }

    #[test]
    fn a_wrong_value_names_its_setting_and_the_remedy_and_is_not_repeated() {
        let layers = layers(&[("lease", "soonish")]).unwrap();
        let wrong = layers
            .parsed("lease", super::super::parse::duration)
            .unwrap_err()
            .to_string();
        assert_eq!(
            wrong,
            "--set lease is wrong: write a number and a unit, like 500ms, 30s, 5m, 24h or 7d"
        );
        let missing = layers.wrong("radius_token", "set it").to_string();
        assert_eq!(missing, "KYC_RADIUS_TOKEN is not set: set it");
    }

    #[test]
    fn an_unknown_setting_is_refused_with_a_guess() {
        let refused = layers(&[("redis_uri", "x")]).err().unwrap().to_string();
        assert_eq!(
            refused,
            "--set redis_uri is not a setting; did you mean redis_url?"
        );
    }

    #[test]
    fn flags_lie_over_defaults() {
        let layers = layers(&[("concurrency", "7")]).unwrap();
        assert_eq!(layers.text("concurrency"), "7");
        assert_eq!(layers.text("lease"), "15s");
        assert_eq!(layers.optional("radius_token"), None);
    }
}
