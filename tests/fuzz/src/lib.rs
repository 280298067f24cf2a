#![doc = include_str!("../README.md")]

mod answer;
mod assess;
mod digits;
mod envelope;
mod image;
mod inbox;
mod lines;

pub use answer::answer;
pub use assess::assess;
pub use envelope::envelope;
pub use image::image;
pub use inbox::inbox;

/// The name of a target, and its function, which panics if the bytes break a promise.
pub type Target = (&'static str, fn(&[u8]));

/// All targets. Each has a program in `targets/` and first inputs in `seeds/`.
pub const TARGETS: [Target; 5] = [
    ("answer", answer),
    ("envelope", envelope),
    ("image", image),
    ("inbox", inbox),
    ("assess", assess),
];
