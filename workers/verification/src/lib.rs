#![doc = include_str!("../README.md")]

mod answer;
mod classify;
mod images;
mod kept;
mod measure;
mod messages;
mod open;
mod pipeline;
mod reuse;
mod run;
mod schedule;
mod upstream;

pub use answer::Understanding;
pub use kept::kept_body;
pub use measure::MEASURES;
pub use messages::{Meaning, Messages, Patterns};
pub use pipeline::{Pipeline, Policies};
pub use run::{Shutdown, backend, run};
pub use schedule::Schedule;
pub use upstream::Upstream;
