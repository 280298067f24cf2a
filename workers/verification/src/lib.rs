//! The pipeline of one job.
