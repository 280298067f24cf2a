//! How a check of `kyc doctor` came out.

use std::future::Future;

use anyhow::Result;
use serde::Serialize;

use crate::output;

/// The result of one check.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Finding {
    Good,
    Warning,
    Bad,
}

#[derive(Serialize)]
pub(super) struct Check {
    pub(super) check: &'static str,
    pub(super) finding: Finding,
    pub(super) sentence: String,
}

/// A sentence about something that works, perhaps with a caution.
pub(super) struct Works {
    pub(super) sentence: String,
    pub(super) caution: bool,
}

impl From<String> for Works {
    fn from(sentence: String) -> Self {
        Self {
            sentence,
            caution: false,
        }
    }
}

pub(super) async fn check<W: Into<Works>>(
    name: &'static str,
    work: impl Future<Output = Result<W>>,
) -> Check {
    match work.await {
        Ok(works) => {
            let Works { sentence, caution } = works.into();
            let finding = if caution {
                Finding::Warning
            } else {
                Finding::Good
            };
            Check {
                check: name,
                finding,
                sentence,
            }
        }
        Err(error) => Check {
            check: name,
            finding: Finding::Bad,
            sentence: output::trouble(&error),
        },
    }
}
