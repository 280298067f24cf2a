//! The provider of a world: a sandbox in this process, or one that runs as `kyc sandbox`.

use kyc_sandbox::{Sandbox, Stats};

/// Where calls go.
pub(crate) enum Radius {
    /// In this process.
    Here(Sandbox),
    /// Somewhere else, or nowhere.
    At(String),
}

impl Radius {
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Here(sandbox) => sandbox.url(),
            Self::At(url) => url.clone(),
        }
    }

    pub(crate) fn sandbox(&self) -> &Sandbox {
        match self {
            Self::Here(sandbox) => sandbox,
            Self::At(_) => panic!("a sandbox of another process keeps its own ledger"),
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        self.sandbox().stats()
    }
}
