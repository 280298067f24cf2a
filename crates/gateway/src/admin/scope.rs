//! The scope of a limit: a kind, or the account.

use kyc_queue::ACCOUNT;

use crate::problem::{Kind, Problem};

/// Returns the scope of this name.
pub(super) fn scope(name: &str) -> Result<&'static str, Problem> {
    let all = || kyc_kinds::names().chain([ACCOUNT]);
    all().find(|known| *known == name).ok_or_else(|| {
        Problem::new(
            Kind::NOT_FOUND,
            "there is no such scope",
            format!("use one of {}", all().collect::<Vec<_>>().join(", ")),
        )
    })
}
