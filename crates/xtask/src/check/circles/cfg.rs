//! Hides how Rust marks what exists in tests only.

use syn::punctuated::Punctuated;
use syn::{Attribute, ImplItem, Item, Meta, Token};

/// Whether one of these attributes leaves its item out of every build but that of the tests.
pub(super) fn tests_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let path = attribute.path();
        let is_test = path.segments.last().is_some_and(|end| end.ident == "test");
        let cfg = path.is_ident("cfg");
        is_test || (cfg && attribute.parse_args().is_ok_and(|meta| implies_test(&meta)))
    })
}

/// Whether a condition of `cfg` holds in tests only.
fn implies_test(condition: &Meta) -> bool {
    let Meta::List(list) = condition else {
        return condition.path().is_ident("test");
    };
    let Ok(parts) = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated) else {
        return false;
    };
    let mut parts = parts.iter();
    (list.path.is_ident("all") && parts.clone().any(implies_test))
        || (list.path.is_ident("any") && parts.len() > 0 && parts.all(implies_test))
}

/// The attributes of an item of any sort.
pub(super) fn of_item(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// The attributes of what stands in an `impl` block.
pub(super) fn of_impl_item(item: &ImplItem) -> &[Attribute] {
    match item {
        ImplItem::Const(item) => &item.attrs,
        ImplItem::Fn(item) => &item.attrs,
        ImplItem::Type(item) => &item.attrs,
        ImplItem::Macro(item) => &item.attrs,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_needs_the_tests_is_left_out() {
        let cases = [
            ("#[cfg(test)] fn f() {}", true),
            ("#[test] fn f() {}", true),
            ("#[tokio::test(start_paused = true)] fn f() {}", true),
            ("#[cfg(all(test, unix))] fn f() {}", true),
            ("#[cfg(any(test, test))] fn f() {}", true),
            ("#[cfg(any(test, feature = \"a\"))] fn f() {}", false),
            ("#[cfg(not(test))] fn f() {}", false),
            ("#[cfg(feature = \"test\")] fn f() {}", false),
            ("#[inline] fn f() {}", false),
        ];
        for (source, expected) in cases {
            let item = syn::parse_str(source).expect(source);
            assert_eq!(tests_only(of_item(&item)), expected, "{source}");
        }
    }
}
