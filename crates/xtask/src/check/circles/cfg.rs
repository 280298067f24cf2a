//! Hides how Rust marks code that exists only in tests.

use syn::punctuated::Punctuated;
use syn::{Attribute, ImplItem, Item, Meta, Token};

/// Returns whether one of these attributes limits its item to builds of the tests.
pub(super) fn tests_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let path = attribute.path();
        let is_test = path.segments.last().is_some_and(|end| end.ident == "test");
        let cfg = path.is_ident("cfg");
        is_test || (cfg && attribute.parse_args().is_ok_and(|meta| implies_test(&meta)))
    })
}

/// Returns whether a condition of `cfg` holds only in tests.
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

/// Returns the attributes of an item.
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

/// Returns the attributes of an item in an `impl` block.
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
    fn only_code_that_exists_in_tests_alone_is_left_out() {
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
