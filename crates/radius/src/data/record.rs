//! Declares a record: its groups, their fields, and its images.

use serde_json::{Map, Value};

use crate::{
    Endpoint, Text,
    group::{Group, Member},
};

/// The record of one endpoint, as [`read`](crate::read) returns it. Sealed: only the `Data` of each module implements it.
pub trait Data<'a>: Group<'a> + Member<'a> {
    /// The endpoint that answers with this record.
    const ENDPOINT: Endpoint;

    /// Returns the base64 text of the images that the record has.
    fn images(&self) -> impl Iterator<Item = &str> {
        std::iter::empty()
    }

    /// Returns the photo and the places where it may be under another name; `None` if the kind has no photo.
    fn photo(&mut self) -> Option<(&mut Text<'a>, [&mut Map<String, Value>; 2])> {
        None
    }
}

/// Declares the record of an endpoint: `Data`, and each group whose fields are listed with it.
///
/// A group without a list is a type of the same name in scope. `images` names the fields of `biodata` that hold images.
/// A group or field has the documentation that `meaning!` gives for its name, unless `= "…"` gives another.
macro_rules! record {
    (@group $meaning:tt $group:ident) => {};
    (@group ($($meaning:tt)+) $group:ident { $($text:tt)* }) => {
        $crate::group::group! {
            #[doc = $crate::data::meaning::meaning!($($meaning)+)]
            $group { $($text)* }
        }
    };
    (
        $(#[$meta:meta])*
        $endpoint:ident $(, images [$($image:ident),+])? {
            $($field:ident $(= $own:literal)?: $group:ident $({ $($text:tt)* })?,)*
        }
    ) => {
        $crate::group::group! {
            $(#[$meta])*
            Data { $($field $(= $own)?: $group,)* }
        }

        $($crate::data::record::record! {
            @group ($field $($own)?) $group $({ $($text)* })?
        })*

        impl<'a> $crate::Data<'a> for Data<'a> {
            const ENDPOINT: $crate::Endpoint = $crate::Endpoint::$endpoint;

            $(
                fn images(&self) -> impl Iterator<Item = &str> {
                    [$(self.biodata.$image.as_deref()),+].into_iter().flatten()
                }

                fn photo(
                    &mut self,
                ) -> Option<(
                    &mut $crate::Text<'a>,
                    [&mut serde_json::Map<String, serde_json::Value>; 2],
                )> {
                    let Biodata { image, extra, .. } = &mut self.biodata;
                    Some((image, [extra, &mut self.extra]))
                }
            )?
        }
    };
}

pub(crate) use record;
