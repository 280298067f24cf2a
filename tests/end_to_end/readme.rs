//! The documentation agrees with the program, and its examples run.

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt, path::Path};

use kyc_tests::{World, eventually};

use crate::assess::shell;

/// The documents that show how to use `kyc`.
const DOCUMENTS: [&str; 5] = [
    "README.md",
    "workers/README.md",
    "workers/producers.md",
    "workers/kyc/README.md",
    "tests/README.md",
];

/// An address at which nothing listens.
const NOBODY: &str = "http://127.0.0.1:9";

fn document(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    fs::read_to_string(path).expect(name)
}

/// Returns the fenced blocks of a section, up to the next heading.
pub(crate) fn blocks(name: &str, heading: &str) -> Vec<String> {
    let (mut blocks, mut here, mut fenced) = (Vec::new(), false, false);
    for line in document(name).lines() {
        if line.starts_with("```") {
            fenced = !fenced;
            if fenced && here {
                blocks.push(String::new());
            }
        } else if let (true, true, Some(block)) = (fenced, here, blocks.last_mut()) {
            *block += &format!("{line}\n");
        } else if !fenced && line.starts_with('#') {
            here = line == heading;
        }
    }
    assert!(!blocks.is_empty(), "{name} has no examples below {heading}");
    blocks
}

/// Returns the lines of the fenced blocks of a section.
pub(crate) fn commands(name: &str, heading: &str) -> Vec<String> {
    let blocks = blocks(name, heading);
    let lines = blocks.iter().flat_map(|block| block.lines());
    lines.map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_of_settings_agrees_with_the_program() {
    let world = World::without_sandbox(NOBODY);
    let printed = world.run(["settings"]).await.good();
    assert!(printed.lines().count() > 30, "{printed}");
    let shown = document("workers/kyc/README.md");
    let shown: Vec<&str> = shown
        .lines()
        .skip_while(|line| *line != "## Configuration")
        .filter(|line| line.starts_with("| "))
        .collect();
    let printed: Vec<&str> = printed.lines().collect();
    assert_eq!(shown, printed, "as kyc settings prints it");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_verification_of_the_front_page_runs_and_has_an_image() {
    let world = World::new().await;
    let _worker = world.worker("worker", &[]).await;
    let blocks = blocks("README.md", "## Ten minutes to the first result");
    // The world has its own keys and its own token.
    let first = blocks.last().unwrap().lines();
    let first: Vec<&str> = first.filter(|line| !line.starts_with("export ")).collect();
    assert_eq!(first.len(), 4, "{first:?}");
    let told = shell(&world, &first.join(" && ")).await.good();
    assert!(told.contains(r#""verdict":"found""#), "{told}");
    let images = fs::read_dir(world.dir().join("images")).unwrap();
    assert_eq!(images.count(), 1);
}

/// Replaces `redis-cli`, which not every machine has. Prints its arguments, one on each line.
const REDIS_CLI: &str = "#!/bin/sh\nprintf '%s\\n' \"$@\"\n";

/// Returns the arguments that the shell passes to `redis-cli`.
async fn words_of(world: &World, call: &str) -> Vec<String> {
    let program = world.dir().join("redis-cli");
    fs::write(&program, REDIS_CLI).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let told = shell(world, &format!("PATH=.:$PATH; {call}")).await.good();
    told.lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_of_the_front_page_enqueues_a_valid_job() {
    let world = World::new().await;
    let (queue, redis) = (world.queue().await, world.redis().await);
    let _worker = world.worker("worker", &[]).await;
    let examples = blocks("README.md", "### Enqueue from any language");
    let [call] = &examples[..] else {
        panic!("one call of redis-cli: {examples:?}");
    };
    let words = words_of(&world, call).await;
    assert_eq!(words[..4], ["XADD", "{kyc}:inbox", "*", "job"]);
    let mut add = redis::cmd(&words[0]);
    add.arg(&words[1..]);
    let _: String = add.query_async(&mut redis.clone()).await.unwrap();
    let result = eventually("it is published", async || {
        let mut published = world.published(&queue).await.into_iter();
        published.find(|result| result.reference == "loan-1")
    })
    .await;
    assert_eq!(result.state, "completed");
    world.nothing_left(&queue).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limits_in_the_guide_can_be_set() {
    let world = World::without_sandbox(NOBODY);
    let lines = commands("workers/README.md", "## Limits");
    assert_eq!(lines.len(), 3, "{lines:?}");
    let mut told = String::new();
    for line in lines {
        told = shell(&world, &line).await.good();
    }
    for limit in ["account", "bvn"] {
        assert!(told.contains(limit), "{limit} is missing in:\n{told}");
    }
}

/// Returns all code of a document: between backticks, or in a fenced block.
fn code(text: &str) -> String {
    let mut code = String::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            // A hash begins a comment.
            code += line.split(" #").next().unwrap_or_default();
        } else {
            let spans = line.split('`').skip(1).step_by(2);
            code += &spans.collect::<Vec<_>>().join("\n");
        }
        code.push('\n');
    }
    code
}

/// Returns the subcommands of `kyc` in code, such as `queue resume`.
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
async fn every_subcommand_in_the_documents_exists() {
    let world = World::without_sandbox(NOBODY);
    for name in DOCUMENTS {
        let named = subcommands(&code(&document(name)));
        assert!(!named.is_empty(), "{name} shows how to use kyc");
        for names in named {
            let mut words = vec![names[0].as_str()];
            // Only these have subcommands. The words after others are arguments.
            if names.len() > 1 && ["jobs", "limits", "queue", "keys"].contains(&words[0]) {
                words.push(&names[1]);
            }
            words.push("--help");
            let known = world.run(&words).await;
            assert_eq!(
                known.code, 0,
                "{name} names kyc {names:?}, which is no command"
            );
        }
    }
}

#[test]
fn commands_are_found_only_in_code() {
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
