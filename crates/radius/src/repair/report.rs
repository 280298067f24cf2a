//! The report of a repair: what was done, and where.

use std::fmt;

/// A body after its repair.
pub struct Repaired {
    /// JSON.
    pub body: Vec<u8>,
    /// What was done, in the order in which it was done; at least one thing.
    pub repairs: Vec<Repair>,
}

/// One thing that was repaired. Says what and where, and nothing of what stood there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repair {
    /// What it was: a stable name in snake case.
    pub name: &'static str,
    what: &'static str,
    /// At which byte of the body, from 0, as it was by then.
    pub at: usize,
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (byte {})", self.what, self.at)
    }
}

pub(super) fn done(name: &'static str, what: &'static str, at: usize) -> Repair {
    Repair { name, what, at }
}
