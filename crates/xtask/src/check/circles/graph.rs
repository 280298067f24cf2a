//! Files and the imports between them. Hides the algorithm that finds circles.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Each file, with the files it imports from and the names of the imported items.
pub(super) type Edges = BTreeMap<PathBuf, BTreeMap<PathBuf, BTreeSet<String>>>;

/// Files that reach each other through imports.
#[derive(Debug)]
pub(super) struct Circle {
    pub(super) files: BTreeSet<PathBuf>,
    /// The imports between them: from, to, items.
    pub(super) imports: Vec<(PathBuf, PathBuf, BTreeSet<String>)>,
}

/// Returns every strongly connected component of more than one file.
pub(super) fn circles(edges: &Edges) -> Vec<Circle> {
    let reached: BTreeMap<&Path, BTreeSet<&Path>> = edges
        .keys()
        .map(|file| (file.as_path(), reach(edges, file)))
        .collect();
    let mutual = |from: &Path, to: &Path| {
        let back = reached.get(to);
        reached[from].contains(to) && back.is_some_and(|back| back.contains(from))
    };
    let mut circles = Vec::<Circle>::new();
    for file in reached.keys() {
        let known = circles.iter().any(|circle| circle.files.contains(*file));
        if !known && mutual(file, file) {
            let members = reached[file].iter().filter(|other| mutual(file, other));
            circles.push(circle(
                edges,
                members.map(|file| file.to_path_buf()).collect(),
            ));
        }
    }
    circles
}

/// Returns the files that can be reached from a file through one or more imports.
fn reach<'a>(edges: &'a Edges, from: &Path) -> BTreeSet<&'a Path> {
    let next = |file: &Path| edges.get(file).into_iter().flat_map(BTreeMap::keys);
    let mut reached = BTreeSet::new();
    let mut open: Vec<&Path> = next(from).map(PathBuf::as_path).collect();
    while let Some(file) = open.pop() {
        if reached.insert(file) {
            open.extend(next(file).map(PathBuf::as_path));
        }
    }
    reached
}

fn circle(edges: &Edges, files: BTreeSet<PathBuf>) -> Circle {
    let mut imports = Vec::new();
    for from in &files {
        for (to, items) in edges.get(from).into_iter().flatten() {
            if files.contains(to) {
                imports.push((from.clone(), to.clone(), items.clone()));
            }
        }
    }
    Circle { files, imports }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(edges: &[(&str, &str)]) -> Vec<String> {
        let mut graph = Edges::new();
        for (from, to) in edges {
            let items = BTreeSet::from(["x".to_owned()]);
            graph
                .entry(from.into())
                .or_default()
                .insert(to.into(), items);
        }
        let files = |circle: Circle| {
            let files = circle.files.iter().map(|file| file.display().to_string());
            format!("{} by {}", files.collect::<String>(), circle.imports.len())
        };
        circles(&graph).into_iter().map(files).collect()
    }

    #[test]
    fn each_circle_is_found_once_without_the_files_around_it() {
        let none = Vec::<String>::new();
        assert_eq!(found(&[("a", "b"), ("a", "c"), ("b", "c")]), none);
        assert_eq!(found(&[("a", "b"), ("b", "a")]), ["ab by 2"]);
        assert_eq!(
            found(&[("e", "a"), ("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")]),
            ["abc by 3"]
        );
        assert_eq!(
            found(&[("a", "b"), ("b", "a"), ("b", "c"), ("c", "d"), ("d", "c")]),
            ["ab by 2", "cd by 2"]
        );
    }
}
