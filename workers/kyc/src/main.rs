//! The `kyc` command.
fn main() {}
