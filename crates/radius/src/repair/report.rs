//! The report of a repair: what was done, and where.

use std::fmt;

/// A body after its repair.
pub struct Repaired {
    /// The repaired body, which is JSON.
    pub body: Vec<u8>,
    /// The repairs, in the order in which they were made; at least one.
    pub repairs: Vec<Repair>,
}

/// One repair: what was repaired and where. It holds nothing of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repair {
    /// A stable name in snake case.
    pub name: &'static str,
    what: &'static str,
    /// The place: a byte offset, from 0, in the body as the earlier repairs left it.
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
