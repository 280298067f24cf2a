//! The apalis backend on Redis.
