#![doc = include_str!("../README.md")]

mod answer;
mod bvn;
mod cac;
mod drivers_license;
mod fill;
mod kind;
mod nin;
mod nin_phone;
mod parse;
mod passport;

pub use answer::{Answer, Encoded, Found};
pub use kind::Kind;
pub use parse::{Rules, parse, read};

/// All kinds, in the order of lists and help texts. A new kind is a file and an entry here.
pub static KINDS: [&Kind; 6] = [
    &bvn::KIND,
    &nin::KIND,
    &nin_phone::KIND,
    &cac::KIND,
    &drivers_license::KIND,
    &passport::KIND,
];

/// Returns the kind with this name.
pub fn find(name: &str) -> Option<&'static Kind> {
    KINDS.iter().copied().find(|kind| kind.name == name)
}

/// Returns the names of all kinds.
pub fn names() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|kind| kind.name)
}

/// Returns the names of the kinds whose answers have images.
pub fn with_images() -> impl Iterator<Item = &'static str> {
    let with_images = KINDS.iter().filter(|kind| !kind.images.is_empty());
    with_images.map(|kind| kind.name)
}
