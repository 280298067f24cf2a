//! The table of kinds: one file each.
