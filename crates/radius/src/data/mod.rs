//! The provider's records, with every field under the name that the provider's collection gives it.

pub mod bvn;
pub mod cac;
pub mod drivers_license;
pub(crate) mod meaning;
pub mod nin;
pub mod nin_phone;
pub mod passport;
pub(crate) mod photo;
mod record;

pub use record::Data;
