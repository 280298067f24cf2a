//! Resolves the scopes on the command line. Errors name the wrong argument and do not repeat its value.

use anyhow::{Context, Result};
use kyc_queue::ACCOUNT;

/// The meaning of `all`.
#[derive(Clone, Copy)]
pub(super) enum All {
    Kinds,
    KindsAndAccount,
}

/// Resolves one kind, or the account.
pub(super) fn one(named: &str) -> Result<&'static str> {
    find(named).with_context(|| format!("SCOPE is not a kind: name one of {}", names()))
}

/// Resolves several scopes, in their order and each once.
pub(super) fn several(named: &[String], all: All) -> Result<Vec<&'static str>> {
    let account = match all {
        All::Kinds => None,
        All::KindsAndAccount => Some(ACCOUNT),
    };
    let mut scopes = Vec::new();
    for (position, name) in named.iter().enumerate() {
        let meant = if name == "all" {
            kyc_kinds::names().chain(account).collect()
        } else {
            let one = find(name).with_context(|| {
                let position = position + 1;
                format!("SCOPE {position} is not a kind: name {}, or all", names())
            })?;
            vec![one]
        };
        for scope in meant {
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
    }
    Ok(scopes)
}

fn find(named: &str) -> Option<&'static str> {
    kyc_kinds::names()
        .chain([ACCOUNT])
        .find(|known| *known == named)
}

fn names() -> String {
    kyc_kinds::names()
        .chain([ACCOUNT])
        .collect::<Vec<_>>()
        .join(", ")
}
