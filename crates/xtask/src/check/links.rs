//! Hides how documents refer to each other: the links of a page, and the anchors that GitHub generates for its headings.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result};
use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};

use crate::workspace::Workspace;

/// The front page, whose size is limited.
const FRONT: &str = "README.md";
const FRONT_LINES: usize = 220;
const FRONT_BYTES: usize = 14_000;

/// The text of every document, by path.
pub(super) type Documents = BTreeMap<String, String>;

/// Reads all documents in a list of files that are separated by NUL.
pub(super) fn documents(workspace: &Workspace, listing: &str) -> Result<Documents> {
    let pages = listing.split('\0').filter(|file| is_document(file));
    // Git still lists a file whose deletion is not committed.
    let pages = pages.filter(|file| workspace.path(file).is_file());
    pages
        .map(|file| {
            let text = fs::read_to_string(workspace.path(file));
            let text = text.with_context(|| format!("cannot read {file}"))?;
            Ok((file.to_owned(), text))
        })
        .collect()
}

/// Returns one sentence for each broken link, and for a front page that is too long.
pub(super) fn violations(listing: &str, documents: &Documents) -> Vec<String> {
    let files: BTreeSet<&str> = listing
        .split('\0')
        .filter(|file| !file.is_empty())
        .collect();
    let pages: BTreeMap<&str, Page> = documents
        .iter()
        .map(|(file, text)| (file.as_str(), Page::read(text)))
        .collect();
    let dead = pages
        .iter()
        .flat_map(|(file, page)| page.dead_links(file, &files, &pages));
    dead.chain(documents.get(FRONT).and_then(|text| too_long(text)))
        .collect()
}

fn too_long(text: &str) -> Option<String> {
    let (lines, bytes) = (text.lines().count(), text.len());
    (lines > FRONT_LINES || bytes > FRONT_BYTES).then(|| {
        format!("{FRONT} has {lines} lines and {bytes} bytes, but at most {FRONT_LINES} and {FRONT_BYTES} are allowed: move details to the page of their crate or folder")
    })
}

/// Returns the problem of a link in `file`. Links to other sites are not checked.
fn problem(
    files: &BTreeSet<&str>,
    pages: &BTreeMap<&str, Page>,
    file: &str,
    target: &str,
) -> Option<String> {
    if has_scheme(target) {
        return None;
    }
    let (path, anchor) = target
        .split_once('#')
        .map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let Some(path) = resolved(file, path) else {
        return Some("it leaves the repository".to_owned());
    };
    let is_folder = path.is_empty() || {
        let inside = format!("{path}/");
        files.iter().any(|file| file.starts_with(&inside))
    };
    if !is_folder && !files.contains(path.as_str()) {
        return Some(format!("{path} does not exist"));
    }
    let anchor = anchor?;
    // GitHub shows a folder with its README.
    let page = match (is_folder, path.as_str()) {
        (true, "") => FRONT.to_owned(),
        (true, folder) => format!("{folder}/{FRONT}"),
        (false, _) => path,
    };
    let missing = match pages.get(page.as_str()) {
        Some(page) => !page.anchors.contains(anchor),
        // GitHub generates the anchors of other files, such as #L12 of a source.
        None => is_folder,
    };
    missing.then(|| format!("{page} has no heading #{anchor}"))
}

/// Returns the path, from the root, that a link in `file` refers to. Returns `None` if it leads above the root.
fn resolved(file: &str, path: &str) -> Option<String> {
    if path.is_empty() {
        return Some(file.to_owned());
    }
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

fn has_scheme(target: &str) -> bool {
    target.split_once(':').is_some_and(|(scheme, _)| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"+-.".contains(&b);
        !scheme.is_empty() && scheme.bytes().all(plain)
    })
}

fn is_document(file: &str) -> bool {
    file.ends_with(".md")
}

/// The links and the anchors of a document.
struct Page {
    links: Vec<Link>,
    /// The anchors of its headings, as GitHub generates them.
    anchors: BTreeSet<String>,
}

/// One link or image.
struct Link {
    line: usize,
    target: String,
}

impl Page {
    fn read(text: &str) -> Self {
        let options =
            Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH;
        let mut links = Vec::new();
        let mut anchors = BTreeSet::new();
        let mut heading: Option<String> = None;
        for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
            match event {
                Event::Start(
                    Tag::Link {
                        link_type,
                        dest_url,
                        ..
                    }
                    | Tag::Image {
                        link_type,
                        dest_url,
                        ..
                    },
                ) if link_type != LinkType::Email => {
                    let line = 1 + text[..range.start].matches('\n').count();
                    let target = dest_url.into_string();
                    links.push(Link { line, target });
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => {
                    let title = heading.take().unwrap_or_default();
                    anchors.insert(unused(&anchors, slug(&title)));
                }
                Event::Text(part) | Event::Code(part) => {
                    heading.iter_mut().for_each(|title| title.push_str(&part));
                }
                Event::SoftBreak | Event::HardBreak => {
                    heading.iter_mut().for_each(|title| title.push(' '));
                }
                _ => {}
            }
        }
        Self { links, anchors }
    }

    fn dead_links(
        &self,
        file: &str,
        files: &BTreeSet<&str>,
        pages: &BTreeMap<&str, Self>,
    ) -> Vec<String> {
        let links = self.links.iter();
        let dead = links.filter_map(|Link { line, target }| {
            let problem = problem(files, pages, file, target)?;
            Some(format!("{file}:{line} links to {target}: {problem}"))
        });
        dead.collect()
    }
}

/// Returns GitHub's anchor of a heading: letters and digits in lower case, hyphens for spaces, and no other characters.
fn slug(title: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ');
    let lower = title.to_lowercase();
    let signs = lower.chars().filter(kept);
    signs.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Appends a number to an anchor that already exists.
fn unused(anchors: &BTreeSet<String>, slug: String) -> String {
    if !anchors.contains(&slug) {
        return slug;
    }
    let numbered = (1..).map(|number| format!("{slug}-{number}"));
    let mut free = numbered.filter(|anchor| !anchors.contains(anchor));
    free.next().unwrap_or(slug)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pages: &[(&str, &str)], others: &[&str]) -> Vec<String> {
        let documents: Documents = pages
            .iter()
            .map(|(file, text)| ((*file).to_owned(), (*text).to_owned()))
            .collect();
        let files: Vec<&str> = documents.keys().map(String::as_str).collect();
        violations(&[files, others.to_vec()].concat().join("\0"), &documents)
    }

    #[test]
    fn links_to_files_folders_and_headings_pass() {
        let front = "# Front\n[a](workers/README.md#two-words) [b](workers) [c](./workers/#keys) [d](#front)\n\n\
                     | [e](workers/kyc/src/main.rs#L3) | ![f](workers/flow.svg) |\n| --- | --- |\n\n[g][there]\n\n\
                     [there]: workers/README.md\n";
        let workers =
            "# Keys\n## Two words\n[up](../README.md#front) [root](..#front) [own](README.md#keys)";
        let pages = [("README.md", front), ("workers/README.md", workers)];
        let others = ["workers/kyc/src/main.rs", "workers/flow.svg"];
        assert_eq!(found(&pages, &others), Vec::<String>::new());
    }

    #[test]
    fn a_broken_link_is_reported_with_its_line() {
        let page = "# Here\n\n[file](gone.md)\ntext [anchor](#there) and `code`\n\n\
                    | [page](b.md#none) |\n| --- |\n| ![image](no.svg) |\n\n[out](../../up.md), [bare](c#x)";
        let pages = [("a/a.md", page), ("a/b.md", "# B")];
        assert_eq!(
            found(&pages, &["a/c/main.rs"]),
            [
                "a/a.md:3 links to gone.md: a/gone.md does not exist",
                "a/a.md:4 links to #there: a/a.md has no heading #there",
                "a/a.md:6 links to b.md#none: a/b.md has no heading #none",
                "a/a.md:8 links to no.svg: a/no.svg does not exist",
                "a/a.md:10 links to ../../up.md: it leaves the repository",
                "a/a.md:10 links to c#x: a/c/README.md has no heading #x",
            ]
        );
    }

    #[test]
    fn code_other_sites_and_addresses_are_not_checked() {
        let page = "```sh\n[a](gone.md)\n```\n\n~~~\n# [b](gone.md)\n~~~\n\n    [c](gone.md)\n\n`[d](gone.md)`\n\n\
                    [e](https://example.org/x.md#y) <https://example.org> [f](mailto:a@example.org) <a@example.org> [`Type`]";
        assert_eq!(found(&[("a.md", page)], &[]), Vec::<String>::new());
    }

    #[test]
    fn headings_get_the_anchors_of_github() {
        let text = "# What it promises, and what not yet\n## `{kyc}:inbox` and `max_stalls`\n## A – b\n## Keys\n### Keys\n\
                    #### Keys\n## Übung 2\n## [Link](#keys) *here*\n\nOver\ntwo lines\n===\n\n```\n# none\n```\n";
        let expected = [
            "what-it-promises-and-what-not-yet",
            "kycinbox-and-max_stalls",
            "a--b",
            "keys",
            "keys-1",
            "keys-2",
            "übung-2",
            "link-here",
            "over-two-lines",
        ];
        let expected: BTreeSet<String> = expected.map(str::to_owned).into();
        assert_eq!(Page::read(text).anchors, expected);
    }

    #[test]
    fn only_the_size_of_the_front_page_is_limited() {
        let (lines, bytes) = ("x\n".repeat(FRONT_LINES), "x".repeat(FRONT_BYTES));
        for fine in [&lines, &bytes] {
            assert_eq!(found(&[("README.md", fine)], &[]), Vec::<String>::new());
        }
        for text in [lines + "x\n", bytes + "x"] {
            let told = found(&[("README.md", &text)], &[]);
            assert!(told[0].starts_with("README.md has "), "{told:?}");
            assert_eq!(told.len(), 1, "{told:?}");
            let elsewhere = found(&[("tests/README.md", &text)], &[]);
            assert_eq!(elsewhere, Vec::<String>::new());
        }
    }
}
