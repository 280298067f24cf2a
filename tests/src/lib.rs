//! The harness of the end-to-end tests: worlds of real parts.
//!
//! A [`World`] has a private `redis-server`, a sandbox of the provider, its own keys and a folder. Its children are `kyc`
//! processes, which get their settings from the world alone. Everything ends when the world is dropped. [`proxy`] injects
//! faults between the processes and Redis. [`chaos`] injects many faults at once and accounts for every job.

pub mod chaos;
mod disk;
mod job;
mod patience;
mod process;
pub mod provider;
pub mod proxy;
mod radius;
pub mod s3;
mod usage;
mod world;

pub use disk::Disk;
pub use job::{CLAIMED_NAMES, Job, number};
pub use patience::{LONG, eventually, eventually_within};
pub use process::{
    Program, Ran, interpreter, is_in_ci, kyc_program, processes_in, redis_program, signal,
};
pub use usage::Usage;
pub use world::{TOKEN, World};
