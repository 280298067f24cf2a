//! End to end on real servers.
