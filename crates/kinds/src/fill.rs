//! Converts the texts of a provider's record into the fields of ours.

use std::borrow::Cow;

use kyc_domain::RecordDate;

/// A field of our record that one text of the provider fills.
pub(crate) trait FromText {
    /// Converts a text; `None` is a text that is missing or blank.
    fn from_text(text: Option<Cow<'_, str>>) -> Self;
}

impl FromText for Option<String> {
    fn from_text(text: Option<Cow<'_, str>>) -> Self {
        text.map(|text| text.trim().to_owned())
    }
}

impl FromText for Option<RecordDate> {
    fn from_text(text: Option<Cow<'_, str>>) -> Self {
        text.map(|text| RecordDate::read(&text))
    }
}

impl FromText for Vec<String> {
    fn from_text(text: Option<Cow<'_, str>>) -> Self {
        Option::<String>::from_text(text).into_iter().collect()
    }
}

/// Fills a record, or a part of one, from groups of the provider's record.
///
/// A field takes the text of its own name, or with `field = name` the text of that name. Fields that are not listed are
/// empty.
macro_rules! fill {
    ($shape:ident { $($group:expr => { $($field:ident $(= $name:ident)?),* $(,)? })* }) => {{
        let mut filled = $shape::default();
        $($(filled.$field = $crate::fill::FromText::from_text(
            $crate::fill::fill!(@text $group, $field $($name)?),
        );)*)*
        filled
    }};
    (@text $group:expr, $field:ident) => { $group.$field };
    (@text $group:expr, $field:ident $name:ident) => { $group.$name };
}

pub(crate) use fill;
