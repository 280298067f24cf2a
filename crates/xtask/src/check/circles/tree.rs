//! The modules of one crate. Hides which file contains which module.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use syn::ext::IdentExt;
use syn::{Expr, ExprLit, Item, ItemMod, Lit, Meta};

use super::cfg;
use super::names::Names;

/// Reads the text of a file, if there is one.
pub(super) type Read<'a> = dyn Fn(&Path) -> Option<String> + 'a;

/// All modules of a crate. The first is its root.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) modules: Vec<Module>,
}

#[derive(Debug)]
pub(super) struct Module {
    pub(super) file: PathBuf,
    pub(super) parent: Option<usize>,
    pub(super) children: BTreeMap<String, usize>,
    pub(super) names: Names,
}

impl Tree {
    /// Reads the crate with this root file, without the modules of its tests.
    pub(super) fn load(root: &Path, read: &Read) -> Result<Self> {
        let mut loader = Loader {
            read,
            modules: Vec::new(),
        };
        let text = read(root).with_context(|| format!("{} cannot be read", root.display()))?;
        loader.file(root, &text, &folder(root), None)?;
        Ok(Self {
            modules: loader.modules,
        })
    }
}

struct Loader<'a> {
    read: &'a Read<'a>,
    modules: Vec<Module>,
}

impl Loader<'_> {
    /// Adds the module of a file, and returns its place. `children` is the folder of the modules that it declares.
    fn file(
        &mut self,
        file: &Path,
        text: &str,
        children: &Path,
        parent: Option<usize>,
    ) -> Result<usize> {
        let syntax = syn::parse_file(text)
            .with_context(|| format!("{} cannot be parsed", file.display()))?;
        let items = match cfg::tests_only(&syntax.attrs) {
            true => &[],
            false => syntax.items.as_slice(),
        };
        self.module(file, children, parent, items)
    }

    fn module(
        &mut self,
        file: &Path,
        children: &Path,
        parent: Option<usize>,
        items: &[Item],
    ) -> Result<usize> {
        let place = self.modules.len();
        self.modules.push(Module {
            file: file.to_owned(),
            parent,
            children: BTreeMap::new(),
            names: Names::of(items),
        });
        for item in items {
            let Item::Mod(child) = item else { continue };
            if cfg::tests_only(&child.attrs) {
                continue;
            }
            let name = child.ident.unraw().to_string();
            let inside = children.join(&name);
            let child = match &child.content {
                Some((_, items)) => self.module(file, &inside, Some(place), items)?,
                None => self.declared(file, child, &inside, place)?,
            };
            self.modules[place].children.insert(name, child);
        }
        Ok(place)
    }

    /// Finds the file of a module. `inside` is the folder of its children, unless the file is called `mod.rs`.
    fn declared(
        &mut self,
        by: &Path,
        module: &ItemMod,
        inside: &Path,
        parent: usize,
    ) -> Result<usize> {
        if let Some(named) = named_path(module) {
            let file = folder(by).join(named);
            let text = (self.read)(&file);
            let text = text.with_context(|| format!("{} cannot be read", file.display()))?;
            return self.file(&file, &text, &folder(&file), Some(parent));
        }
        let candidates = [inside.with_extension("rs"), inside.join("mod.rs")];
        for file in candidates {
            if let Some(text) = (self.read)(&file) {
                return self.file(&file, &text, inside, Some(parent));
            }
        }
        anyhow::bail!(
            "{} declares `{}`, which has no file",
            by.display(),
            module.ident
        )
    }
}

fn folder(file: &Path) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).to_owned()
}

/// Returns the value of `#[path = "…"]`.
fn named_path(module: &ItemMod) -> Option<String> {
    module
        .attrs
        .iter()
        .find_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
                Expr::Lit(ExprLit {
                    lit: Lit::Str(text),
                    ..
                }) => Some(text.value()),
                _ => None,
            },
            _ => None,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(root: &str, sources: &[(&str, &str)]) -> Result<Vec<String>> {
        let sources: BTreeMap<_, _> = sources.iter().copied().collect();
        let read = |path: &Path| {
            let text = sources.get(path.to_str().expect("a test names files in ASCII"))?;
            Some((*text).to_owned())
        };
        let tree = Tree::load(Path::new(root), &read)?;
        let files = tree.modules.iter().map(|module| &module.file);
        Ok(files.map(|file| file.display().to_string()).collect())
    }

    #[test]
    fn each_module_is_found_in_the_file_where_rust_finds_it() {
        let found = files(
            "s/main.rs",
            &[
                (
                    "s/main.rs",
                    "mod a; mod b; mod c { mod d; } #[path = \"../z.rs\"] mod e; #[cfg(test)] mod t;",
                ),
                ("s/a.rs", "mod x;"),
                ("s/a/x.rs", ""),
                ("s/b/mod.rs", "mod y;"),
                ("s/b/y.rs", ""),
                ("s/c/d.rs", ""),
                ("s/../z.rs", ""),
            ],
        );
        let expected = [
            "s/main.rs",
            "s/a.rs",
            "s/a/x.rs",
            "s/b/mod.rs",
            "s/b/y.rs",
            "s/main.rs",
            "s/c/d.rs",
            "s/../z.rs",
        ];
        assert_eq!(found.expect("all are there"), expected);
    }

    #[test]
    fn a_missing_or_malformed_file_is_reported() {
        let missing = files("l.rs", &[("l.rs", "mod a;")]).expect_err("there is no a.rs");
        assert_eq!(missing.to_string(), "l.rs declares `a`, which has no file");
        let broken = files("l.rs", &[("l.rs", "fn (")]).expect_err("this is no Rust");
        assert_eq!(broken.to_string(), "l.rs cannot be parsed");
    }
}
