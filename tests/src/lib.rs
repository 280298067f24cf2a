//! The harness of the end-to-end tests: worlds of real parts.
//!
//! A [`World`] has a private `redis-server`, a sandbox of the provider, keys of its own and a folder; its children are
//! `kyc` processes that know nothing but what the world tells them. Everything ends with the world. [`proxy`] stands between
//! them and Redis and makes faults; [`chaos`] makes many at once and accounts for every job.

pub mod chaos;
mod disk;
mod job;
mod patience;
mod process;
pub mod provider;
pub mod proxy;
mod radius;
mod usage;
mod world;

pub use disk::Disk;
pub use job::{CLAIMED_NAMES, Job, number};
pub use patience::{LONG, eventually, eventually_within};
pub use process::{Program, Ran, kyc_program, processes_in, redis_program, signal};
pub use usage::Usage;
pub use world::{TOKEN, World};
