//! The README says what the program says.

use std::{collections::BTreeSet, path::Path};

use kyc_tests::World;

pub(crate) fn readme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    std::fs::read_to_string(path).expect("there is a README.md at the top")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_setting_stands_in_it_as_the_program_prints_it() {
    let world = World::without_sandbox("http://127.0.0.1:9");
    let readme = readme();
    let table = world.run(["settings"]).await.good();
    assert!(table.lines().count() > 30, "{table}");
    let missing: Vec<&str> = table
        .lines()
        .filter(|row| !readme.lines().any(|line| line == *row))
        .collect();
    assert!(
        missing.is_empty(),
        "not in README.md:\n{}",
        missing.join("\n")
    );
}

/// Whatever stands in code: between backticks, or in a fenced block.
fn code(text: &str) -> String {
    let mut code = String::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            // What stands behind a hash is a comment.
            code += line.split(" #").next().unwrap_or_default();
        } else {
            let spans = line.split('`').skip(1).step_by(2);
            code += &spans.collect::<Vec<_>>().join("\n");
        }
        code.push('\n');
    }
    code
}

/// The subcommands of `kyc` in a piece of code, such as `queue resume`.
fn subcommands(code: &str) -> BTreeSet<Vec<String>> {
    let mut found = BTreeSet::new();
    for line in code.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let is_kyc = |word: &str| word == "kyc" || word.ends_with("/kyc");
        for at in (0..words.len()).filter(|at| is_kyc(words[*at])) {
            let mut rest = words[at + 1..].iter();
            let mut names = Vec::new();
            while let Some(word) = rest.next() {
                match *word {
                    "--config" | "--set" => drop(rest.next()),
                    flag if flag.starts_with('-') => {}
                    name if name.bytes().all(|b| b.is_ascii_lowercase()) => {
                        names.push(name.to_owned());
                    }
                    _ => break,
                }
            }
            found.extend((!names.is_empty()).then_some(names));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn every_subcommand_it_names_exists() {
    let world = World::without_sandbox("http://127.0.0.1:9");
    let named = subcommands(&code(&readme()));
    assert!(named.len() >= 5, "it shows how to use kyc: {named:?}");
    for names in named {
        let known = world.run([&names[0], "--help"]).await;
        assert_eq!(
            known.code, 0,
            "README.md names kyc {}, which is no command",
            names[0]
        );
        // Only these have commands below them; the words after others are arguments.
        if names.len() > 1 && ["jobs", "limits", "queue", "keys"].contains(&names[0].as_str()) {
            let known = world.run([&names[0], &names[1], "--help"]).await;
            assert_eq!(
                known.code, 0,
                "README.md names kyc {} {}",
                names[0], names[1]
            );
        }
    }
}

#[test]
fn commands_are_found_in_code_and_nowhere_else() {
    let text = "the kyc crate; `kyc doctor` and `kyc --config x.toml queue resume bvn`\n\n```sh\n\
                $ KYC_LOG=debug ./target/debug/kyc work # kyc nothing\ncargo run -p kyc -- keys generate > f\n```\n`-p kyc`";
    let found: Vec<String> = subcommands(&code(text))
        .into_iter()
        .map(|names| names.join(" "))
        .collect();
    assert_eq!(
        found,
        ["doctor", "keys generate", "queue resume bvn", "work"]
    );
}
