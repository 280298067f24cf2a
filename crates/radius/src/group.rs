//! Parses the provider's JSON into typed groups of text: defines which values count as blank and which are accepted as
//! text, and borrows long text from the body.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// A text of the provider's record, as it was sent. `None` if it is missing, null or blank.
///
/// It is borrowed from the body, unless the JSON has escapes in it (PHP writes `/` as `\/`): then it is an owned copy.
/// A number or a boolean is accepted as its text, a list of one text as that text, and bytes as JavaScript writes them
/// (`{"type":"Buffer","data":[…]}`) as their base64. Any other value makes the field unreadable.
pub type Text<'a> = Option<Cow<'a, str>>;

/// A value inside a group: text, or a group of its own.
pub trait Member<'de>: Default {
    /// Reads the value. Returns `None` if its type is unexpected: then this field is unreadable, but not the record.
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error>;
    /// Returns whether the value is blank.
    fn is_blank(&self) -> bool;
    /// Returns whether any field below this one could not be read.
    fn has_unreadable(&self) -> bool;
    /// Reports the paths of the fields below this one that could not be read.
    fn report_unreadable(&self, path: &str, report: &mut dyn FnMut(String));
}

/// An object of the provider's record whose fields are known.
pub trait Group<'de>: Default {
    /// Reads the value of `key`. Returns `false`, and reads nothing, if no field has this name.
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error>;
    /// Returns the unknown fields.
    fn extra(&mut self) -> &mut Map<String, Value>;
    /// Returns whether every known field is blank.
    fn known_is_blank(&self) -> bool;
}

/// Reads the next value as a member; `None` as in [`Member::read`].
pub(crate) fn next<'de, M: Member<'de>, A: MapAccess<'de>>(
    map: &mut A,
) -> Result<Option<M>, A::Error> {
    map.next_value_seed(Read(PhantomData))
}

struct Read<M>(PhantomData<M>);

impl<'de, M: Member<'de>> DeserializeSeed<'de> for Read<M> {
    type Value = Option<M>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<M>, D::Error> {
        M::read(deserializer)
    }
}

/// The key of an object, borrowed if it has no escapes.
#[derive(serde::Deserialize)]
pub(crate) struct Key<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

impl<'de> Member<'de> for Text<'de> {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }

    fn is_blank(&self) -> bool {
        self.is_none()
    }

    fn has_unreadable(&self) -> bool {
        false
    }

    fn report_unreadable(&self, _: &str, _: &mut dyn FnMut(String)) {}
}

fn is_blank(text: &str) -> bool {
    text.trim_start().is_empty()
}

/// Returns whether a text is a placeholder for a missing group.
fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    text.is_empty()
        || text == "-"
        || ["n/a", "na", "nil", "null", "none"]
            .iter()
            .any(|placeholder| text.eq_ignore_ascii_case(placeholder))
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Option<Text<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some((!is_blank(text)).then_some(Cow::Borrowed(text))))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some((!is_blank(text)).then(|| Cow::Owned(text.to_owned()))))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(Some(Cow::Borrowed(if value {
            "true"
        } else {
            "false"
        }))))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Some(Some(Cow::Owned(value.to_string()))))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Some(Some(Cow::Owned(value.to_string()))))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Some(Some(Cow::Owned(value.to_string()))))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Some(None))
    }

    /// An empty list is blank; a list of one text is that text; any other list is unexpected.
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let first = seq.next_element::<Value>()?;
        let mut is_alone = true;
        while seq.next_element::<IgnoredAny>()?.is_some() {
            is_alone = false;
        }
        Ok(match first {
            None => Some(None),
            Some(Value::String(text)) if is_alone => {
                Some((!is_blank(&text)).then_some(Cow::Owned(text)))
            }
            Some(_) => None,
        })
    }

    /// An empty object is blank; bytes as JavaScript writes them become base64; any other object is unexpected.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut count, mut bytes) = (0, None);
        while let Some(Key(key)) = map.next_key()? {
            count += 1;
            if key == "data" {
                bytes = octets(&map.next_value::<Value>()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(match bytes {
            _ if count == 0 => Some(None),
            Some(bytes) if count == 2 => Some(Some(Cow::Owned(base64(&bytes)))),
            _ => None,
        })
    }
}

/// Returns the bytes of a list, if each element is one.
fn octets(value: &Value) -> Option<Vec<u8>> {
    let octet = |value: &Value| u8::try_from(value.as_u64()?).ok();
    value.as_array()?.iter().map(octet).collect()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;

    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Reads a group. PHP sends an empty one as `[]`; an empty list, null, `false` and a placeholder count as a group without
/// fields. Any other value that is not an object is `None`.
pub(crate) struct GroupVisitor<G>(pub(crate) PhantomData<G>);

impl<'de, G: Group<'de>> Visitor<'de> for GroupVisitor<G> {
    type Value = Option<G>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a group of fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut group = G::default();
        while let Some(Key(key)) = map.next_key()? {
            if !group.take(&key, &mut map)? {
                let value = map.next_value()?;
                group.extra().insert(key.into_owned(), value);
            }
        }
        Ok(Some(group))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut count = 0;
        while seq.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok((count == 0).then(G::default))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(is_placeholder(text).then(G::default))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok((!value).then(G::default))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Some(G::default()))
    }
}

/// Declares a group: a struct with the provider's field names, and the code that reads it.
macro_rules! group {
    // The type of a field: text, or the named group.
    (@type $life:lifetime) => { $crate::group::Text<$life> };
    (@type $life:lifetime $group:ident) => { $group<$life> };

    (
        $(#[$meta:meta])*
        $name:ident { $($field:ident $(= $own:literal)? $(: $group:ident)?,)* }
    ) => {
        $(#[$meta])*
        ///
        /// `Debug` prints only the name of the type.
        #[derive(Clone, Default, PartialEq)]
        pub struct $name<'a> {
            $(
                #[doc = $crate::data::meaning::meaning!($field $($own)?)]
                pub $field: $crate::group::group!(@type 'a $($group)?),
            )*
            /// Fields that the provider's collection does not list, under the provider's names.
            pub extra: serde_json::Map<String, serde_json::Value>,
            /// Fields of an unexpected type; they are blank.
            pub unreadable: Vec<&'static str>,
        }

        impl<'a> $crate::group::Group<'a> for $name<'a> {
            fn take<A: serde::de::MapAccess<'a>>(
                &mut self,
                key: &str,
                map: &mut A,
            ) -> Result<bool, A::Error> {
                match key {
                    $(stringify!($field) => match $crate::group::next(map)? {
                        Some(value) => self.$field = value,
                        None => self.unreadable.push(stringify!($field)),
                    },)*
                    _ => return Ok(false),
                }
                Ok(true)
            }

            fn extra(&mut self) -> &mut serde_json::Map<String, serde_json::Value> {
                &mut self.extra
            }

            fn known_is_blank(&self) -> bool {
                true $(&& $crate::group::Member::is_blank(&self.$field))*
            }
        }

        impl<'a> $crate::group::Member<'a> for $name<'a> {
            fn read<D: serde::Deserializer<'a>>(
                deserializer: D,
            ) -> Result<Option<Self>, D::Error> {
                deserializer.deserialize_any($crate::group::GroupVisitor(std::marker::PhantomData))
            }

            fn is_blank(&self) -> bool {
                self.extra.is_empty() && $crate::group::Group::known_is_blank(self)
            }

            fn has_unreadable(&self) -> bool {
                !self.unreadable.is_empty() $(|| $crate::group::Member::has_unreadable(&self.$field))*
            }

            fn report_unreadable(&self, path: &str, report: &mut dyn FnMut(String)) {
                // Nearly always the case; then no path is built.
                if !$crate::group::Member::has_unreadable(self) {
                    return;
                }
                let below = |field: &str| {
                    if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") }
                };
                for field in &self.unreadable {
                    report(below(field));
                }
                $($crate::group::Member::report_unreadable(
                    &self.$field,
                    &below(stringify!($field)),
                    report,
                );)*
            }
        }

        impl std::fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use group;
