//! Hides nothing: the provider's records, field by field as its collection names them.

pub mod bvn;
pub mod cac;
pub mod drivers_license;
pub mod nin;
pub mod nin_phone;
pub mod passport;

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::{Endpoint, Text, group::Group, group::Member};

/// The record of one endpoint: what [`read`](crate::read) can read. Sealed:
/// the `Data` of each module implements it.
pub trait Data<'a>: Group<'a> + Member<'a> {
    /// The endpoint that answers with it.
    const ENDPOINT: Endpoint;

    /// The images' base64 text: photo and signature, as far as the kind has them.
    fn images(&self) -> [Option<&str>; 2] {
        [None, None]
    }

    /// The photo and where it may stand under another name; `None` where the kind has none.
    fn photo(&mut self) -> Option<(&mut Text<'a>, [&mut Map<String, Value>; 2])> {
        None
    }
}

/// A photo that stands under another name than the collection's is the photo, if it is the only one.
pub(crate) fn adopt_photo<'a, T: Data<'a>>(data: &mut T) {
    let Some((photo, places)) = data.photo() else {
        return;
    };
    let is_image = |value: &Value| value.as_str().is_some_and(is_long_base64);
    let count = |place: &Map<String, Value>| place.values().filter(|value| is_image(value)).count();
    if photo.is_some() || places.iter().map(|place| count(place)).sum::<usize>() != 1 {
        return;
    }
    for place in places {
        let key = place
            .iter()
            .find(|(_, value)| is_image(value))
            .map(|(key, _)| key.clone());
        if let Some(Value::String(text)) = key.and_then(|key| place.remove(&key)) {
            *photo = Some(Cow::Owned(text));
        }
    }
}

/// Longer than any text of a register, and of the letters of base64: an image, whatever its name.
pub(crate) fn is_long_base64(text: &str) -> bool {
    const LONG: usize = 2 << 10;
    let is_letter =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_');
    let is_else = |byte: &u8| !is_letter(*byte) && !byte.is_ascii_whitespace();
    text.len() > LONG && text.bytes().skip(64).filter(is_else).count() < text.len() / 100
}

impl<'a> Data<'a> for bvn::Data<'a> {
    const ENDPOINT: Endpoint = Endpoint::Bvn;

    fn images(&self) -> [Option<&str>; 2] {
        [self.biodata.image.as_deref(), None]
    }

    fn photo(&mut self) -> Option<(&mut Text<'a>, [&mut Map<String, Value>; 2])> {
        let bvn::Biodata { image, extra, .. } = &mut self.biodata;
        Some((image, [extra, &mut self.extra]))
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

    fn photo(&mut self) -> Option<(&mut Text<'a>, [&mut Map<String, Value>; 2])> {
        let nin::Biodata { image, extra, .. } = &mut self.biodata;
        Some((image, [extra, &mut self.extra]))
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

    fn photo(&mut self) -> Option<(&mut Text<'a>, [&mut Map<String, Value>; 2])> {
        let nin_phone::Biodata { image, extra, .. } = &mut self.biodata;
        Some((image, [extra, &mut self.extra]))
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

    fn photo(&mut self) -> Option<(&mut Text<'a>, [&mut Map<String, Value>; 2])> {
        let drivers_license::Biodata { image, extra, .. } = &mut self.biodata;
        Some((image, [extra, &mut self.extra]))
    }
}

impl<'a> Data<'a> for passport::Data<'a> {
    const ENDPOINT: Endpoint = Endpoint::Passport;

    fn images(&self) -> [Option<&str>; 2] {
        [self.biodata.image.as_deref(), None]
    }

    fn photo(&mut self) -> Option<(&mut Text<'a>, [&mut Map<String, Value>; 2])> {
        let passport::Biodata { image, extra, .. } = &mut self.biodata;
        Some((image, [extra, &mut self.extra]))
    }
}
