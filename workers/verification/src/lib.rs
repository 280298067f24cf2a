#![doc = include_str!("../README.md")]

mod answer;
mod classify;
mod images;
mod key_records;
mod measure;
mod messages;
mod open;
mod pipeline;
mod reply;
mod retained;
mod reuse;
mod run;
mod schedule;
mod sweep;
mod upstream;

pub use answer::Understanding;
pub use key_records::KeyRecordsInBlobs;
pub use measure::MEASURES;
pub use messages::{Meaning, Messages, Patterns};
pub use pipeline::{Pipeline, Policies};
pub use retained::retained_body;
pub use run::{Shutdown, backend, run};
pub use schedule::Schedule;
pub use sweep::{SweepError, sweep_images};
pub use upstream::Upstream;
