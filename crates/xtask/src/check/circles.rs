//! Circles of imports between the files of one crate. A file in a circle cannot be read, tested or moved alone.
//!
//! Hides how circles are found and which are known. `circles.txt` lists the known ones and may only shrink.

mod cfg;
mod graph;
mod names;
mod resolve;
mod tokens;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::workspace::Workspace;
use graph::Circle;
use tree::{Read, Tree};

const KNOWN: &str = include_str!("circles.txt");
const LIST: &str = "crates/xtask/src/check/circles.txt";

/// The circles of each crate.
type Found = BTreeMap<String, Vec<Circle>>;

/// Returns one sentence for each unknown circle, and for each number in the list that is too high.
pub(super) fn violations(workspace: &Workspace) -> Result<Vec<String>> {
    let read = |file: &Path| fs::read_to_string(workspace.folder().join(file)).ok();
    let mut found = Found::new();
    for (package, root) in roots(workspace.metadata()) {
        let root = Path::new(root);
        let root = root.strip_prefix(workspace.folder()).unwrap_or(root);
        let circles = circles(root, &read)?;
        if !circles.is_empty() {
            found.entry(package.to_owned()).or_default().extend(circles);
        }
    }
    Ok(compare(&found, &known(KNOWN)?))
}

fn circles(root: &Path, read: &Read) -> Result<Vec<Circle>> {
    let tree = Tree::load(root, read)?;
    Ok(graph::circles(&resolve::edges(&tree)))
}

/// Returns the package and the root file of every library and program.
fn roots(metadata: &Value) -> impl Iterator<Item = (&str, &str)> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages.flat_map(|package| {
        let name = package["name"].as_str().unwrap_or_default();
        let targets = package["targets"].as_array().into_iter().flatten();
        let built = targets.filter(|target| {
            let mut kinds = target["kind"].as_array().into_iter().flatten();
            kinds.any(|kind| kind == "lib" || kind == "bin")
        });
        built.filter_map(move |target| Some((name, target["src_path"].as_str()?)))
    })
}

/// Parses the list: each crate with the number of its files in circles.
fn known(list: &str) -> Result<BTreeMap<&str, usize>> {
    let lines = list.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let pair = line.split_once(' ');
            let pair =
                pair.and_then(|(package, files)| Some((package, files.trim().parse().ok()?)));
            pair.with_context(|| format!("{LIST}: `{line}` is not a crate and a number of files"))
        })
        .collect()
}

fn compare(found: &Found, known: &BTreeMap<&str, usize>) -> Vec<String> {
    let packages: BTreeSet<&str> = found
        .keys()
        .map(String::as_str)
        .chain(known.keys().copied())
        .collect();
    let sentences = packages.into_iter().flat_map(|package| {
        let circles = found.get(package).map_or(&[][..], Vec::as_slice);
        let files: usize = circles.iter().map(|circle| circle.files.len()).sum();
        let known = known.get(package).copied().unwrap_or_default();
        match files {
            _ if files > known => circles
                .iter()
                .map(|circle| told(package, circle, known))
                .collect(),
            _ if files == known => Vec::new(),
            0 => vec![format!("`{package}` has no circle: remove it from {LIST}")],
            _ => vec![format!(
                "`{package}` has {files} files in circles, not {known}: write {files} into {LIST}"
            )],
        }
    });
    sentences.collect()
}

fn told(package: &str, circle: &Circle, known: usize) -> String {
    let mut told = format!("`{package}` has a circle of {} files", circle.files.len());
    if known > 0 {
        told += &format!(" ({known} files in circles are known)");
    }
    for (from, to, items) in &circle.imports {
        let items: Vec<&str> = items.iter().map(String::as_str).collect();
        told += &format!(
            "\n            {} imports {} from {}",
            from.display(),
            items.join(", "),
            to.display()
        );
    }
    told
}

#[cfg(test)]
mod tests;
