//! Logs that hold no person's data.
