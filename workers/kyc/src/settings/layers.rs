//! The layers of configuration, merged by figment: the text of each setting, and where it came from.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use figment::{
    Figment, Provider,
    providers::{Format, Serialized, Toml},
    value::Value,
};

use super::{
    parse, secrets,
    table::{self, SETTINGS},
};

/// A setting that cannot be used: its name, and the remedy.
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

/// Settings that are set by flags: for each setting, the flag as it was written, and its value.
pub(crate) type Flags = BTreeMap<String, (String, String)>;

/// `kyc.toml`, `KYC_*` and flags, merged.
pub(crate) struct Layers {
    figment: Figment,
    flags: Flags,
    file: String,
    /// What other users can do with the file, if anything.
    exposure: Option<&'static str>,
}

impl Layers {
    /// Reads the file, which must exist only if it was named, and the variables. `flags` override both.
    pub(crate) fn read(file: Option<&Path>, flags: Flags) -> Result<Self, WrongSetting> {
        let path = file.map_or_else(|| PathBuf::from("kyc.toml"), Path::to_owned);
        if file.is_some() && !path.is_file() {
            return Err(WrongSetting::new(
                "--config",
                format!("names {}, which is not a file", path.display()),
            ));
        }
        let read = if path.is_file() {
            let read = secrets::SettingsFile::of(&path, file.is_some());
            read.map_err(|remedy| WrongSetting::new(path.display().to_string(), remedy))?
        } else {
            secrets::SettingsFile::default()
        };
        let toml = Toml::string(&read.text);
        let has_secret = known_only(&toml, &path)?;
        for (key, (flag, value)) in &flags {
            if table::find(key).is_none() {
                return Err(unknown(flag, key));
            }
            if secrets::is_secret(key, value) {
                let variable = key.to_uppercase();
                let remedy = format!(
                    "is refused, because other users of this machine can read the arguments: set KYC_{variable} or KYC_{variable}_FILE"
                );
                return Err(WrongSetting::new(flag, remedy));
            }
        }
        let values: BTreeMap<_, _> = flags.iter().map(|(key, (_, value))| (key, value)).collect();
        let figment = Figment::new()
            .merge(toml)
            .merge(Serialized::defaults(variables()))
            .merge(Serialized::defaults(&values));
        Ok(Self {
            figment,
            flags,
            file: path.display().to_string(),
            exposure: read.exposure(has_secret),
        })
    }

    /// Reads this file only. The caller's variables are ignored, because they are meant for another queue.
    pub(crate) fn of_file(path: &Path) -> Self {
        Self {
            figment: Figment::from(Toml::file_exact(path)),
            flags: Flags::new(),
            file: path.display().to_string(),
            exposure: None,
        }
    }

    /// Returns the setting's text, or its default if it is not set.
    pub(crate) fn text(&self, key: &str) -> String {
        let default =
            || table::find(key).map_or_else(String::new, |setting| setting.default.to_owned());
        self.optional(key).unwrap_or_else(default)
    }

    /// Returns the setting's text, if it is set and not empty.
    pub(crate) fn optional(&self, key: &str) -> Option<String> {
        self.given(key).filter(|text| !text.is_empty())
    }

    /// Returns the setting's texts, which are separated by commas. A setting that is set to nothing has none.
    pub(crate) fn texts(&self, key: &str) -> Vec<String> {
        parse::list(&self.given(key).unwrap_or_else(|| self.text(key)))
    }

    fn given(&self, key: &str) -> Option<String> {
        Some(match self.figment.find_value(key).ok()? {
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
        })
    }

    /// Returns a setting that may be in a file of its own, named by `<key>_file`.
    pub(crate) fn secret(&self, key: &str) -> Result<Option<String>, WrongSetting> {
        let file_key = format!("{key}_file");
        let Some(path) = self.optional(&file_key) else {
            return Ok(Some(self.text(key)).filter(|text| !text.is_empty()));
        };
        if self.optional(key).is_some() {
            return Err(self.wrong(key, &format!("{file_key} is set too: set one of them")));
        }
        let text = std::fs::read_to_string(&path).map_err(|error| {
            self.wrong(
                &file_key,
                &format!("it names a file that cannot be read: {error}"),
            )
        })?;
        Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
    }

    /// Returns a sentence about each file with settings that other users can read or change.
    pub(crate) fn exposed_files(&self) -> Vec<String> {
        let own = self.exposure.map(|what| format!("{} {what}", self.file));
        let named = secrets::SECRET_FILES.iter().filter_map(|key| {
            let path = self.optional(key)?;
            let what = secrets::exposure_of(&path)?;
            Some(format!("{path} ({}) {what}", self.name(key)))
        });
        own.into_iter().chain(named).collect()
    }

    /// Parses a setting. The parser returns the remedy if the text is wrong.
    pub(crate) fn parsed<T>(
        &self,
        key: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, WrongSetting> {
        parse(&self.text(key)).map_err(|remedy| self.wrong(key, &remedy))
    }

    /// Returns the error about a setting that cannot be used. It does not repeat the value, which may be secret.
    pub(crate) fn wrong(&self, key: &str, remedy: &str) -> WrongSetting {
        // If the secret is in a file of its own, the error names that setting.
        let file_key = format!("{key}_file");
        let in_file = self.optional(key).is_none() && self.optional(&file_key).is_some();
        let key = if in_file { &file_key } else { key };
        let verb = if self.text(key).is_empty() {
            "is not set"
        } else {
            "is wrong"
        };
        WrongSetting::new(self.name(key), format!("{verb}: {remedy}"))
    }

    /// Returns the setting's name in the form in which it was set.
    fn name(&self, key: &str) -> String {
        if let Some((flag, _)) = self.flags.get(key) {
            return flag.clone();
        }
        let in_file = self
            .figment
            .find_metadata(key)
            .is_some_and(|metadata| metadata.name.contains("TOML"));
        if in_file {
            format!("{key} in {}", self.file)
        } else {
            format!("KYC_{}", key.to_uppercase())
        }
    }
}

/// Refuses unknown settings. Returns whether one of the settings is secret.
fn known_only(toml: &impl Provider, path: &Path) -> Result<bool, WrongSetting> {
    let profiles = toml.data().map_err(|error| {
        // The message of figment can repeat the line, which may contain a secret.
        let kind = if matches!(error.kind, figment::error::Kind::Message(_)) {
            "is not valid TOML"
        } else {
            "cannot be read"
        };
        WrongSetting::new(path.display().to_string(), kind)
    })?;
    let mut has_secret = false;
    for (key, value) in profiles.values().flatten() {
        if table::find(key).is_none() {
            return Err(unknown(&format!("{key} in {}", path.display()), key));
        }
        has_secret |= secrets::is_secret(key, value.as_str().unwrap_or("a list"));
    }
    Ok(has_secret)
}

fn unknown(name: &str, key: &str) -> WrongSetting {
    // The setting with the longest common prefix is a good enough guess.
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

/// Returns the `KYC_*` variables that are settings, as text. The reader of figment would parse `0123` as a number.
fn variables() -> BTreeMap<String, String> {
    environment()
        .filter_map(|(name, value)| Some((name.strip_prefix("KYC_")?.to_lowercase(), value)))
        .filter(|(key, _)| table::find(key).is_some())
        .collect()
}

/// Returns the options of cloud stores from the environment, under their own names. Proxies are refused, and so is what
/// switches TLS or its checks off, unless plain text is allowed.
pub(crate) fn cloud_options(allow_plaintext: bool) -> Result<Vec<(String, String)>, WrongSetting> {
    const PREFIXES: [&str; 3] = ["AWS_", "AZURE_", "GOOGLE_"];
    const UNSAFE: [&str; 2] = ["_allow_http", "_allow_invalid_certificates"];
    let options: Vec<(String, String)> = environment()
        .filter(|(name, _)| PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
        .map(|(name, value)| (name.to_lowercase(), value))
        .collect();
    for (name, value) in &options {
        let is_unsafe =
            UNSAFE.iter().any(|end| name.ends_with(end)) && !value.eq_ignore_ascii_case("false");
        let remedy = if name.contains("_proxy_") {
            "is refused, because images are sent to the blob store without a proxy: unset it"
        } else if is_unsafe && !allow_plaintext {
            "is refused, because anybody on the network could read tenants and ids, or replace images: unset it, or set allow_plaintext to true"
        } else {
            continue;
        };
        return Err(WrongSetting::new(name.to_uppercase(), remedy));
    }
    Ok(options)
}

/// Returns all variables that are valid UTF-8. No setting is in any other.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(flags: &[(&str, &str)]) -> Result<Layers, WrongSetting> {
        let flags = flags.iter().map(|(key, value)| {
            let flag = format!("--set {key}");
            ((*key).to_owned(), (flag, (*value).to_owned()))
        });
        Layers::read(None, flags.collect())
    }

    #[test]
    fn a_wrong_value_names_its_setting_and_the_remedy_and_is_not_repeated() {
        let layers = layers(&[("lease", "soonish")]).unwrap();
        let wrong = layers
            .parsed("lease", parse::duration)
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

    #[test]
    fn a_list_that_is_set_to_nothing_is_empty_and_one_that_is_not_set_has_its_default() {
        let layers = layers(&[("wallet_messages", ""), ("lease", "")]).unwrap();
        assert_eq!(layers.texts("wallet_messages"), Vec::<String>::new());
        assert_eq!(layers.texts("watch_list"), ["tell"]);
        assert_eq!(layers.text("lease"), "15s");
    }

    #[test]
    fn a_secret_in_a_file_of_its_own_is_named_by_that_file() {
        let layers = layers(&[("keys_file", "/run/secrets/keys")]).unwrap();
        let wrong = layers.wrong("keys", "make keys").to_string();
        assert_eq!(wrong, "--set keys_file is wrong: make keys");
    }
}
