//! Resolves which jobs the command line means. Errors name the wrong argument and do not repeat its value, which may be a
//! number that was written in the wrong place.

use std::fmt::Write as _;

use anyhow::{Context, Result, anyhow, ensure};
use kyc_domain::{Tenant, VerificationId};
use kyc_queue::{Filter, Place};

use crate::{
    cli::{Chosen, Only},
    commands::id,
};

/// The jobs to act on.
pub(super) enum Choice {
    /// These, each once.
    Ids(Vec<VerificationId>),
    /// All jobs that match.
    Matching(Filter),
}

/// Parses which jobs are meant. The place must be one of `places`.
pub(super) fn choice(chosen: &Chosen, places: &[Place]) -> Result<Choice> {
    if let Some(named) = &chosen.place {
        let place = place("--place", named, places)?;
        return filter(place, &chosen.only).map(Choice::Matching);
    }
    let mut ids = Vec::with_capacity(chosen.ids.len());
    for (position, text) in chosen.ids.iter().enumerate() {
        let id = id(text).with_context(|| format!("ID {}", position + 1))?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(Choice::Ids(ids))
}

/// Parses the name of a place.
pub(super) fn place(argument: &str, named: &str, places: &[Place]) -> Result<Place> {
    let found = places.iter().find(|place| place.as_str() == named);
    found.copied().ok_or_else(|| {
        let names: Vec<&str> = places.iter().map(|place| place.as_str()).collect();
        anyhow!("{argument} is wrong: name one of {}", names.join(", "))
    })
}

/// Parses which jobs of a place are meant.
pub(super) fn filter(place: Place, only: &Only) -> Result<Filter> {
    let Only { kind, tenant, code } = only;
    if let Some(kind) = kind {
        let kinds: Vec<&str> = kyc_kinds::names().collect();
        ensure!(
            kinds.contains(&kind.as_str()),
            "--kind is wrong: name one of {}",
            kinds.join(", ")
        );
    }
    if let Some(tenant) = tenant {
        self::tenant(tenant)?;
    }
    let of_a_code = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    ensure!(
        code.as_ref().is_none_or(|code| code.bytes().all(of_a_code)),
        "--code is wrong: write it as kyc jobs list shows it, like wallet_empty"
    );
    Ok(Filter {
        kind: kind.clone(),
        tenant: tenant.clone(),
        code: code.clone(),
        ..Filter::all(place)
    })
}

/// Checks the name of a tenant.
pub(super) fn tenant(named: &str) -> Result<()> {
    let read = Tenant::parse(named).map(drop);
    read.map_err(|fault| anyhow!("--tenant {}; {}", fault.problem, fault.remedy))
}

/// Returns the arguments that select the same jobs of the place.
pub(super) fn words(filter: &Filter) -> String {
    let mut words = String::new();
    let Filter {
        kind, tenant, code, ..
    } = filter;
    for (name, value) in [("kind", kind), ("tenant", tenant), ("code", code)] {
        if let Some(value) = value {
            // Writing to a String does not fail.
            let _ = write!(words, " --{name} {value}");
        }
    }
    words
}
