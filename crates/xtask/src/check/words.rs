//! Retired terms. Hides which files are searched. The terms are in `words.txt`.

use std::fs;
use std::io::ErrorKind;

use anyhow::{Context, Result};
use regex::{Regex, RegexBuilder};

use super::layout;
use crate::workspace::Workspace;

const TERMS: &str = include_str!("words.txt");
const LIST: &str = "crates/xtask/src/check/words.txt";

/// The suffixes of the files that are searched.
const READ: [&str; 5] = [".rs", ".lua", ".md", ".toml", ".yml"];

/// One line of the list. A term is searched for within single lines of a file.
struct Term {
    pattern: Regex,
    instead: String,
}

/// Returns one sentence for each retired term in a file that git tracks.
pub(super) fn violations(workspace: &Workspace) -> Result<Vec<String>> {
    let terms = terms(TERMS)?;
    let listing = layout::listing(workspace)?;
    let mut violations = Vec::new();
    for file in listing.split('\0').filter(|file| is_read(file)) {
        match fs::read(workspace.path(file)) {
            Ok(bytes) => violations.extend(hits(file, &String::from_utf8_lossy(&bytes), &terms)),
            // Git still lists a file whose deletion is not committed.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| format!("cannot read {file}")),
        }
    }
    Ok(violations)
}

fn is_read(file: &str) -> bool {
    file != LIST && READ.iter().any(|end| file.ends_with(end))
}

fn terms(list: &str) -> Result<Vec<Term>> {
    let lines = list.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(term)
        .collect()
}

fn term(line: &str) -> Result<Term> {
    let (pattern, instead) = line
        .rsplit_once(" => ")
        .with_context(|| format!("{LIST}: `{line}` is not `regex => use instead`"))?;
    let pattern = RegexBuilder::new(pattern.trim())
        .case_insensitive(true)
        .build();
    Ok(Term {
        pattern: pattern
            .with_context(|| format!("{LIST}: `{line}` has no valid regular expression"))?,
        instead: instead.trim().to_owned(),
    })
}

fn hits(file: &str, text: &str, terms: &[Term]) -> Vec<String> {
    let lines = text.lines().enumerate();
    lines
        .flat_map(|(above, line)| {
            let hits = terms.iter().flat_map(move |term| {
                let found = term.pattern.find_iter(line);
                found.map(move |found| (found.as_str(), term.instead.as_str()))
            });
            hits.map(move |(found, instead)| {
                format!(
                    "{file}:{}: `{found}` is retired: use `{instead}`",
                    above + 1
                )
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = "# why\n\n\\bwidgets?\\b => part\nold => +name => new name\n";

    #[test]
    fn a_retired_term_is_reported_with_file_line_and_replacement() {
        let terms = terms(LINES).expect("the list is well formed");
        let text = "Widgets and a widget\nwidgetry, a_widget\nthe OLD =>  name\n";
        let expected = [
            "a.md:1: `Widgets` is retired: use `part`",
            "a.md:1: `widget` is retired: use `part`",
            "a.md:3: `OLD =>  name` is retired: use `new name`",
        ];
        assert_eq!(hits("a.md", text, &terms), expected);
    }

    #[test]
    fn a_malformed_line_of_the_list_is_an_error() {
        let cases = [
            ("widget", "is not `regex => use instead`"),
            ("( => a", "has no valid regular expression"),
        ];
        for (line, sentence) in cases {
            let error = terms(line).err().expect(line).to_string();
            assert!(error.contains(sentence), "{error}");
        }
        assert!(terms(TERMS).is_ok());
    }

    #[test]
    fn sources_and_documents_are_searched_but_not_the_list() {
        for file in [
            "a/b.rs",
            "x.lua",
            "README.md",
            "Cargo.toml",
            ".github/ci.yml",
        ] {
            assert!(is_read(file), "{file}");
        }
        for file in [LIST, "Cargo.lock", "a.png", ""] {
            assert!(!is_read(file), "{file}");
        }
    }
}
