//! The provider of a world: a sandbox in this process, or one that runs as `kyc sandbox`.

use kyc_sandbox::{Sandbox, Stats};

/// The provider that calls go to.
pub(crate) enum Radius {
    /// A sandbox in this process.
    Here(Sandbox),
    /// Another address, where a provider may or may not listen.
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
