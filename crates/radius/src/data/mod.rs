//! Hides nothing: the provider's records, field by field as its collection names them.

pub mod bvn;
pub mod cac;
pub mod drivers_license;
pub mod nin;
pub mod nin_phone;
pub mod passport;

use crate::{Endpoint, group::Group, group::Member};

/// The record of one endpoint: what [`read`](crate::read) can read. Sealed:
/// the `Data` of each module implements it.
pub trait Data<'a>: Group<'a> + Member<'a> {
    /// The endpoint that answers with it.
    const ENDPOINT: Endpoint;

    /// The images' base64 text: photo and signature, as far as the kind has them.
    fn images(&self) -> [Option<&str>; 2] {
        [None, None]
    }
}

impl<'a> Data<'a> for bvn::Data<'a> {
    const ENDPOINT: Endpoint = Endpoint::Bvn;

    fn images(&self) -> [Option<&str>; 2] {
        [self.biodata.image.as_deref(), None]
    }
}

impl<'a> Data<'a> for nin::Data<'a> {
    const ENDPOINT: Endpoint = Endpoint::Nin;

    fn images(&self) -> [Option<&str>; 2] {
        [
            self.biodata.image.as_deref(),
            self.biodata.signature.as_deref(),
        ]
    }
}

impl<'a> Data<'a> for nin_phone::Data<'a> {
    const ENDPOINT: Endpoint = Endpoint::NinPhone;

    fn images(&self) -> [Option<&str>; 2] {
        [
            self.biodata.image.as_deref(),
            self.biodata.signature.as_deref(),
        ]
    }
}

impl<'a> Data<'a> for cac::Data<'a> {
    const ENDPOINT: Endpoint = Endpoint::Cac;
}

impl<'a> Data<'a> for drivers_license::Data<'a> {
    const ENDPOINT: Endpoint = Endpoint::DriversLicense;

    fn images(&self) -> [Option<&str>; 2] {
        [self.biodata.image.as_deref(), None]
    }
}

impl<'a> Data<'a> for passport::Data<'a> {
    const ENDPOINT: Endpoint = Endpoint::Passport;

    fn images(&self) -> [Option<&str>; 2] {
        [self.biodata.image.as_deref(), None]
    }
}
