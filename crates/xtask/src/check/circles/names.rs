//! The names that one module defines, imports and mentions. Hides the syntax tree.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use syn::ext::IdentExt;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Ident, ImplItem, Item, ItemMod, ItemUse, Meta, PatIdent, Path, UseTree, Visibility,
};

use super::{cfg, tokens};

/// The names of one module, without those of its tests and of its child modules.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Items that the module defines.
    pub(super) defined: BTreeSet<String>,
    /// Names that `use` declarations bring into the module.
    pub(super) imports: Vec<Import>,
    /// Paths in the code, as written.
    pub(super) mentions: BTreeSet<Vec<String>>,
    /// Variables, which may share their name with an item elsewhere.
    bound: BTreeSet<String>,
}

/// One leaf of a `use` declaration.
#[derive(Debug)]
pub(super) struct Import {
    /// Its name in the module. `None` means all names in `path`.
    pub(super) name: Option<String>,
    pub(super) path: Vec<String>,
    /// Whether other modules can import it from this module.
    pub(super) reexport: bool,
}

impl Names {
    pub(super) fn of(items: &[Item]) -> Self {
        let mut names = Self::default();
        for item in items {
            names.visit_item(item);
        }
        let bound = std::mem::take(&mut names.bound);
        names
            .mentions
            .retain(|path| path.len() > 1 || !bound.contains(&path[0]));
        names
    }

    fn import(&mut self, tree: &UseTree, before: &[String], reexport: bool) {
        let path = |end: &Ident| [before, &[text(end)]].concat();
        match tree {
            UseTree::Path(part) => self.import(&part.tree, &path(&part.ident), reexport),
            UseTree::Name(end) => self.leaf(path(&end.ident), None, reexport),
            UseTree::Rename(end) => {
                self.leaf(path(&end.ident), Some(text(&end.rename)), reexport);
            }
            UseTree::Glob(_) => self.imports.push(Import {
                name: None,
                path: before.to_vec(),
                reexport,
            }),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, before, reexport);
                }
            }
        }
    }

    fn leaf(&mut self, mut path: Vec<String>, rename: Option<String>, reexport: bool) {
        // `use a::{self}` is `use a`.
        if path.len() > 1 && path.last().is_some_and(|end| end == "self") {
            path.pop();
        }
        self.imports.push(Import {
            name: rename.or_else(|| path.last().cloned()),
            path,
            reexport,
        });
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item(&mut self, item: &'ast Item) {
        if !cfg::tests_only(cfg::of_item(item)) {
            self.defined.extend(defined(item).map(text));
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        if !cfg::tests_only(cfg::of_impl_item(item)) {
            visit::visit_impl_item(self, item);
        }
    }

    /// Skips child modules, which have their own names.
    fn visit_item_mod(&mut self, _: &'ast ItemMod) {}

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        // `use ::a` is another crate.
        if item.leading_colon.is_none() {
            let reexport = !matches!(item.vis, Visibility::Inherited);
            self.import(&item.tree, &[], reexport);
        }
    }

    fn visit_path(&mut self, path: &'ast Path) {
        if path.leading_colon.is_none() {
            let segments = path.segments.iter().map(|segment| text(&segment.ident));
            self.mentions.insert(segments.collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_pat_ident(&mut self, pattern: &'ast PatIdent) {
        let name = text(&pattern.ident);
        // A constant in a pattern looks like a variable.
        if name.starts_with(char::is_uppercase) {
            self.mentions.insert(vec![name]);
        } else {
            self.bound.insert(name);
        }
        visit::visit_pat_ident(self, pattern);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        // Neither the name of an attribute nor a doc comment is an import.
        if let Meta::List(list) = &attribute.meta {
            self.visit_token_stream(&list.tokens);
        }
    }

    fn visit_token_stream(&mut self, stream: &'ast TokenStream) {
        tokens::collect(stream.clone(), &mut self.mentions);
    }
}

fn defined(item: &Item) -> impl Iterator<Item = &Ident> {
    let name = match item {
        Item::Const(item) => Some(&item.ident),
        Item::Enum(item) => Some(&item.ident),
        Item::Fn(item) => Some(&item.sig.ident),
        Item::Macro(item) => item.ident.as_ref(),
        Item::Static(item) => Some(&item.ident),
        Item::Struct(item) => Some(&item.ident),
        Item::Trait(item) => Some(&item.ident),
        Item::TraitAlias(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        Item::Union(item) => Some(&item.ident),
        _ => None,
    };
    name.into_iter()
}

fn text(name: &Ident) -> String {
    name.unraw().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(source: &str) -> Names {
        Names::of(&syn::parse_file(source).expect(source).items)
    }

    #[test]
    fn every_leaf_of_a_use_declaration_is_an_import() {
        let names = names(
            "use a::{self, b::C as D, e::*}; pub(crate) use f; use ::g::H; use i::J as _; fn k() { use l::M; }",
        );
        let found: Vec<_> = names
            .imports
            .iter()
            .map(|import| {
                let name = import.name.as_deref().unwrap_or("*");
                (name, import.path.join("::"), import.reexport)
            })
            .collect();
        let leaf = |name, path: &str, reexport| (name, path.to_owned(), reexport);
        let expected = [
            leaf("a", "a", false),
            leaf("D", "a::b::C", false),
            leaf("*", "a::e", false),
            leaf("f", "f", true),
            leaf("_", "i::J", false),
            leaf("M", "l::M", false),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn paths_are_found_in_code_but_not_in_tests() {
        let names = names(
            "/// See [`crate::comment`].
            #[derive(Debug)] struct A { b: super::B }
            fn c(d: u8) -> E { d; f(d); g::h!(crate::i::J); match d { K => {}, _ => {} } }
            #[cfg(test)] mod tests { use super::*; fn n() { crate::o() } }
            #[cfg(test)] fn p() { crate::q() }
            impl A { #[cfg(test)] fn r() { crate::s() } }
            mod t { fn u() { crate::v() } }",
        );
        let found: Vec<String> = names.mentions.iter().map(|path| path.join("::")).collect();
        let expected = [
            "A",
            "Debug",
            "E",
            "K",
            "crate::i::J",
            "f",
            "g::h",
            "super::B",
            "u8",
        ];
        assert_eq!(found, expected);
        assert_eq!(names.defined.iter().collect::<Vec<_>>(), ["A", "c"]);
        assert!(names.imports.is_empty());
    }
}
