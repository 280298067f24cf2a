#![doc = include_str!("../README.md")]

mod answer;
mod body;
#[cfg(feature = "client")]
mod client;
mod data;
mod endpoint;
mod envelope;
mod error;
mod group;
mod picked;
mod provider_text;
mod reading;
mod repair;
mod request;
mod retry_after;
mod says;
mod slashes;
mod words;

pub use answer::{Answer, Record, read};
pub use body::Body;
#[cfg(feature = "client")]
pub use client::{Client, ClientConfig, Reply};
pub use data::{
    Data, bvn, bvn::Data as BvnData, cac, cac::Data as CacData, drivers_license,
    drivers_license::Data as DriversLicenseData, nin, nin::Data as NinData, nin_phone,
    nin_phone::Data as NinPhoneData, passport, passport::Data as PassportData,
};
pub use endpoint::Endpoint;
pub use error::{Error, Position, Sent, Source};
pub use group::Text;
pub use provider_text::ProviderText;
pub use reading::Reading;
pub use repair::{Repair, Repaired, repair};
pub use request::Request;
pub use retry_after::RetryAfter;
pub use slashes::without_escaped_slashes;
