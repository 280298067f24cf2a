//! Which settings are secret, and which files other users could read or change.

use std::{
    fs::{File, Metadata},
    io::Read,
    os::unix::fs::MetadataExt,
    path::Path,
};

use rustix::process::geteuid;

/// Settings that name a file with a secret.
pub(super) const SECRET_FILES: [&str; 7] = [
    "keys_file",
    "radius_token_file",
    "redis_url_file",
    "redis_key_file",
    "key_records_file",
    "key_records_before_file",
    "serve_tls_key",
];

/// Returns whether a value is secret. An address is if it contains a password.
pub(super) fn is_secret(key: &str, value: &str) -> bool {
    match key {
        "keys" | "radius_token" => !value.is_empty(),
        "redis_url" => has_password(value),
        "key_records" | "key_records_before" if names_redis(value) => has_password(value),
        "key_records" | "key_records_before" => has_user_and_password(value),
        _ => false,
    }
}

/// Returns whether a place of key records is a Redis, and not a blob store.
pub(super) fn names_redis(place: &str) -> bool {
    // Parsers of URLs ignore these wherever they occur.
    let place = place.replace(['\t', '\n', '\r'], "");
    let scheme = place.split("://").next().unwrap_or_default();
    let scheme = scheme.trim().to_ascii_lowercase();
    ["redis", "valkey", "unix"]
        .iter()
        .any(|known| scheme.starts_with(known))
}

fn has_user_and_password(url: &str) -> bool {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority
        .rsplit_once('@')
        .is_some_and(|(user, _)| user.contains(':'))
}

fn has_password(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
    // `?pass=` of a socket, and `sentinel_password=`.
    user.contains(':') || tail.contains("pass")
}

/// A file of settings, as it was when it was read.
#[derive(Default)]
pub(super) struct SettingsFile {
    /// Its content.
    pub(super) text: String,
    metadata: Option<Metadata>,
}

impl SettingsFile {
    /// Reads a file. The error is the remedy.
    ///
    /// If the file was only found in the current folder, it must belong to this user or to root: another user could have put
    /// it there, and it says where secrets are sent.
    pub(super) fn of(path: &Path, was_named: bool) -> Result<Self, String> {
        let unread = |error| format!("cannot be read: {error}");
        let mut file = File::open(path).map_err(unread)?;
        let metadata = file.metadata().map_err(unread)?;
        if !was_named && !is_trusted(metadata.uid(), geteuid().as_raw()) {
            return Err(format!(
                "belongs to another user (uid {}): make it yours with chown, or name it with --config if you trust it",
                metadata.uid()
            ));
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(unread)?;
        Ok(Self {
            text,
            metadata: Some(metadata),
        })
    }

    /// Says what other users can do with the file, if anything. `is_secret` tells whether they may read it.
    pub(super) fn exposure(&self, is_secret: bool) -> Option<&'static str> {
        exposure(self.metadata.as_ref()?, is_secret)
    }
}

/// Says what other users can do with a file that contains a secret, if anything.
pub(super) fn exposure_of(path: &str) -> Option<&'static str> {
    // A file that cannot be read is an error where it is used.
    exposure(&std::fs::metadata(path).ok()?, true)
}

fn exposure(file: &Metadata, is_secret: bool) -> Option<&'static str> {
    if !is_trusted(file.uid(), geteuid().as_raw()) {
        Some("belongs to another user: make it yours with chown")
    } else if file.mode() & 0o022 != 0 {
        Some("can be changed by other users: close it with chmod 600")
    } else if is_secret && file.mode() & 0o044 != 0 {
        Some("can be read by other users: close it with chmod 600")
    } else {
        None
    }
}

fn is_trusted(owner: u32, own: u32) -> bool {
    owner == own || owner == 0
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    #[test]
    fn an_address_of_redis_is_secret_if_it_contains_a_password() {
        for (url, secret) in [
            ("redis://127.0.0.1:6379", false),
            ("redis://user@host:6379/0", false),
            ("redis://[::1]:6379", false),
            ("redis://user:pa55word@host", true),
            ("rediss://:pa55word@a:1,b:2/0", true),
            ("redis+sentinel://s/mine?sentinel_password=x", true),
            ("unix:///run/redis.sock?pass=x", true),
        ] {
            assert_eq!(is_secret("redis_url", url), secret, "{url}");
        }
        for (place, secret) in [
            ("queue", false),
            ("redis://127.0.0.1:6379", false),
            ("redis://user:pa55word@host", true),
            ("REDISS://:pa55word@host", true),
            ("redis+sentinel://s/mine?sentinel_password=x", true),
            ("unix:///run/redis.sock?pass=x", true),
            ("file:compass/passports", false),
            ("s3://bucket/passports", false),
            ("s3://user:pa55word@bucket", true),
        ] {
            for key in ["key_records", "key_records_before"] {
                assert_eq!(is_secret(key, place), secret, "{key} {place}");
            }
        }
        assert!(is_secret("keys", "k1:abc") && is_secret("radius_token", "x"));
        assert!(!is_secret("keys", "") && !is_secret("keys_file", "keys"));
    }

    #[test]
    fn a_file_is_exposed_by_its_mode() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for (mode, public, secret) in [
            (0o600, None, None),
            (0o400, None, None),
            (0o644, None, Some("read")),
            (0o640, None, Some("read")),
            (0o660, Some("changed"), Some("changed")),
            (0o602, Some("changed"), Some("changed")),
        ] {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            let metadata = fs::metadata(&file).unwrap();
            for (is_secret, expected) in [(false, public), (true, secret)] {
                let told = exposure(&metadata, is_secret);
                assert_eq!(told.is_some(), expected.is_some(), "{mode:o} {told:?}");
                assert!(told.is_none_or(|told| told.contains(expected.unwrap())));
            }
        }
    }

    #[test]
    fn files_of_this_user_and_of_root_are_trusted() {
        assert!(is_trusted(1000, 1000) && is_trusted(0, 1000));
        assert!(!is_trusted(1001, 1000) && !is_trusted(1000, 0));
    }
}
