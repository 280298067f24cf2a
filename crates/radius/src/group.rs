//! Hides how the provider's JSON becomes typed groups of text: what counts as blank, which other
//! shapes pass for text, and that long text is borrowed from the body.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{
    DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde_json::{Map, Value};

/// A text of the provider's record, as it was sent. `None` if it is missing, null or blank.
///
/// Borrowed from the body, unless the JSON spells it with escapes (PHP writes `/` as `\/`): then
/// it is one owned copy. A number or a boolean in place of text is taken as its text.
pub type Text<'a> = Option<Cow<'a, str>>;

/// A value inside a group: text, or a group of its own.
pub trait Member<'de>: Default {
    /// Reads the value.
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
    /// Whether it says nothing at all.
    fn is_blank(&self) -> bool;
}

/// An object of the provider's record whose fields are known.
pub trait Group<'de>: Default {
    /// Reads the value of `key`; `false`, with nothing read, if no such field is known.
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error>;
    /// Where fields that are not known are kept.
    fn extra(&mut self) -> &mut Map<String, Value>;
    /// Whether every known field is blank.
    fn known_is_blank(&self) -> bool;
}

/// Reads one member from the value that is next.
pub(crate) fn next<'de, M: Member<'de>, A: MapAccess<'de>>(map: &mut A) -> Result<M, A::Error> {
    map.next_value_seed(Read(PhantomData))
}

struct Read<M>(PhantomData<M>);

impl<'de, M: Member<'de>> DeserializeSeed<'de> for Read<M> {
    type Value = M;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<M, D::Error> {
        M::read(deserializer)
    }
}

/// An object's key, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
pub(crate) struct Key<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

impl<'de> Member<'de> for Text<'de> {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }

    fn is_blank(&self) -> bool {
        self.is_none()
    }
}

fn is_blank(text: &str) -> bool {
    text.trim_start().is_empty()
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok((!is_blank(text)).then_some(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok((!is_blank(text)).then(|| Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(if value { "true" } else { "false" })))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(value.to_string())))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(value.to_string())))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(value.to_string())))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// Reads a group. PHP sends an empty one as `[]`: that, null and blank text count as no fields.
pub(crate) struct GroupVisitor<G>(pub(crate) PhantomData<G>);

impl<'de, G: Group<'de>> Visitor<'de> for GroupVisitor<G> {
    type Value = G;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a group of fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<G, A::Error> {
        let mut group = G::default();
        while let Some(Key(key)) = map.next_key()? {
            if !group.take(&key, &mut map)? {
                let value = map.next_value()?;
                group.extra().insert(key.into_owned(), value);
            }
        }
        Ok(group)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<G, A::Error> {
        no_elements(seq, &self).map(|()| G::default())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<G, E> {
        no_text(text, &self).map(|()| G::default())
    }

    fn visit_unit<E: Error>(self) -> Result<G, E> {
        Ok(G::default())
    }
}

/// Accepts an empty array only.
pub(crate) fn no_elements<'de, A: SeqAccess<'de>, V: Visitor<'de>>(
    mut seq: A,
    visitor: &V,
) -> Result<(), A::Error> {
    match seq.next_element::<IgnoredAny>()? {
        None => Ok(()),
        Some(_) => Err(A::Error::invalid_type(Unexpected::Seq, visitor)),
    }
}

/// Accepts blank text only.
pub(crate) fn no_text<'de, E: Error, V: Visitor<'de>>(text: &str, visitor: &V) -> Result<(), E> {
    if is_blank(text) {
        Ok(())
    } else {
        Err(E::invalid_type(Unexpected::Other("text"), visitor))
    }
}

/// Declares a group: a struct of the provider's field names, and how it is read.
macro_rules! group {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$meta])*
        ///
        /// `Debug` prints the type's name only.
        #[derive(Clone, Default, PartialEq)]
        pub struct $name<'a> {
            $($(#[$doc])* pub $field: $kind,)*
            /// Fields the provider's collection does not have, under the provider's names.
            pub extra: serde_json::Map<String, serde_json::Value>,
        }

        impl<'a> $crate::group::Group<'a> for $name<'a> {
            fn take<A: serde::de::MapAccess<'a>>(
                &mut self,
                key: &str,
                map: &mut A,
            ) -> Result<bool, A::Error> {
                match key {
                    $(stringify!($field) => self.$field = $crate::group::next(map)?,)*
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
            fn read<D: serde::Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any($crate::group::GroupVisitor(std::marker::PhantomData))
            }

            fn is_blank(&self) -> bool {
                self.extra.is_empty() && $crate::group::Group::known_is_blank(self)
            }
        }

        impl<'a> serde::Deserialize<'a> for $name<'a> {
            fn deserialize<D: serde::Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::group::Member::read(deserializer)
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
