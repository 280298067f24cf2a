//! Which file an import means. Hides how Rust follows a path through modules and re-exports.

use std::path::Path;

use super::graph::Edges;
use super::names::Import;
use super::tree::Tree;

/// Re-exports of re-exports that are followed; a ring of them ends here.
const DEPTH: usize = 16;

/// What a path leads to.
#[derive(Clone, Debug, PartialEq)]
enum Target {
    Module(usize),
    /// An item of the module at this place, where it is defined.
    Item(usize, String),
    /// Something of another crate.
    Elsewhere,
}

/// The imports between the files of a crate.
///
/// Two things are not imports: a re-export from a child of the module, and the name of a module without an item of it.
pub(super) fn edges(tree: &Tree) -> Edges {
    let mut edges = Edges::new();
    for (place, module) in tree.modules.iter().enumerate() {
        let imports = module.names.imports.iter();
        let imports = imports.filter_map(|import| import_target(tree, place, import));
        let mentions = module.names.mentions.iter();
        let mentions = mentions.filter_map(|path| resolve(tree, place, path, Meant::Item, DEPTH));
        for target in imports.chain(mentions) {
            let Target::Item(home, item) = target else {
                continue;
            };
            let to: &Path = &tree.modules[home].file;
            if to != module.file {
                let from = edges.entry(module.file.clone()).or_default();
                from.entry(to.to_owned()).or_default().insert(item);
            }
        }
    }
    edges
}

fn import_target(tree: &Tree, place: usize, import: &Import) -> Option<Target> {
    let target = resolve(tree, place, &import.path, Meant::Item, DEPTH)?;
    let own_child = matches!(target, Target::Item(home, _) if is_below(tree, home, place));
    (!(import.reexport && own_child)).then_some(target)
}

fn is_below(tree: &Tree, place: usize, above: usize) -> bool {
    let parent = tree.modules[place].parent;
    parent.is_some_and(|parent| parent == above || is_below(tree, parent, above))
}

/// A module and an item may share a name: before `::` the module is meant, at the end of a path mostly the item.
#[derive(Clone, Copy, PartialEq)]
enum Meant {
    Module,
    Item,
}

impl Meant {
    fn is(self, target: &Target) -> bool {
        matches!(target, Target::Module(_)) == (self == Self::Module)
    }
}

/// `None` where the first segment names nothing of this crate.
fn resolve(tree: &Tree, from: usize, path: &[String], end: Meant, depth: usize) -> Option<Target> {
    let (first, rest) = path.split_first()?;
    let meant = |left: &[String]| if left.is_empty() { end } else { Meant::Module };
    let mut target = match first.as_str() {
        "crate" => Target::Module(0),
        "self" => Target::Module(from),
        "super" => Target::Module(tree.modules[from].parent?),
        name => look_up(tree, from, name, meant(rest), depth)?,
    };
    for (position, segment) in rest.iter().enumerate() {
        let Target::Module(at) = target else { break };
        target = match segment.as_str() {
            "super" => Target::Module(tree.modules[at].parent?),
            // What is not seen there was made by a macro there.
            name => look_up(tree, at, name, meant(&rest[position + 1..]), depth)
                .unwrap_or_else(|| Target::Item(at, name.to_owned())),
        };
    }
    Some(target)
}

/// A name in one module: what stands there comes before what is imported, and that before what a `*` imports.
fn look_up(tree: &Tree, at: usize, name: &str, meant: Meant, depth: usize) -> Option<Target> {
    let module = &tree.modules[at];
    let defined = module.names.defined.contains(name);
    let item = defined.then(|| Target::Item(at, name.to_owned()));
    let child = module.children.get(name).copied().map(Target::Module);
    let here = [item, child].into_iter().flatten();
    if let Some(target) = here.clone().find(|target| meant.is(target)) {
        return Some(target);
    }
    let imported = imported(tree, at, name, meant, depth);
    let mut best = imported.iter().filter(|target| meant.is(target));
    best.next()
        .cloned()
        .or(here.into_iter().next())
        .or(imported.first().cloned())
        .or_else(|| by_glob(tree, at, name, meant, depth))
}

fn imported(tree: &Tree, at: usize, name: &str, meant: Meant, depth: usize) -> Vec<Target> {
    let imports = tree.modules[at].names.imports.iter();
    let imports = imports.filter(|import| import.name.as_deref() == Some(name));
    let targets = imports.map(|import| {
        let target = depth.checked_sub(1);
        let target = target.and_then(|depth| resolve(tree, at, &import.path, meant, depth));
        target.unwrap_or(Target::Elsewhere)
    });
    targets.collect()
}

fn by_glob(tree: &Tree, at: usize, name: &str, meant: Meant, depth: usize) -> Option<Target> {
    let depth = depth.checked_sub(1)?;
    let globs = tree.modules[at].names.imports.iter();
    let mut globs = globs.filter(|import| import.name.is_none());
    globs.find_map(
        |glob| match resolve(tree, at, &glob.path, Meant::Module, depth)? {
            Target::Module(of) if of != at => look_up(tree, of, name, meant, depth),
            _ => None,
        },
    )
}
