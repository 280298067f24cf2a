//! Producers and consumers in other languages: the examples of the documentation, as they stand there, against a real worker.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use kyc_tests::{Ran, World, eventually_within, interpreter};
use redis::AsyncCommands as _;
use serde_json::Value;
use tokio::process::Command;

use crate::readme::blocks;

const PAGE: &str = "workers/producers.md";
const LONG: std::time::Duration = std::time::Duration::from_secs(120);

/// How the examples of a language are run.
pub(crate) struct Language {
    pub(crate) name: &'static str,
    /// The variable with the path of its interpreter.
    pub(crate) variable: &'static str,
    pub(crate) extension: &'static str,
    /// Continuous integration has it, so there it must not be missing.
    pub(crate) is_certain: bool,
}

/// Returns the interpreter. If there is none, this is told even where the output of a good test is not shown.
pub(crate) fn program(language: &Language) -> Option<PathBuf> {
    match interpreter(language.variable) {
        Ok(program) => Some(program),
        Err(why) => {
            let name = language.name;
            assert!(
                !(language.is_certain && kyc_tests::is_in_ci()),
                "{name} must run here: {why}"
            );
            // Tests cannot capture what is written this way.
            let told = writeln!(std::io::stderr(), "NOT RUN: the examples in {name}: {why}");
            told.unwrap();
            None
        }
    }
}

/// Runs one program to its end, and returns its output.
async fn run(world: &World, program: &Path, files: &[String]) -> String {
    let mut command = Command::new(program);
    if program.ends_with("go") {
        command.arg("run").env("GOTOOLCHAIN", "local");
        command.env("GOPATH", world.dir().join("go-path"));
    }
    command
        .args(files)
        .current_dir(world.dir())
        .env("REDIS_URL", world.setting("redis_url"))
        .kill_on_drop(true);
    Ran::of(&mut command).await.good()
}

/// Takes the examples of a language from the page: adds both jobs, lets a worker do them, and reads the results.
async fn examples_of(language: Language) {
    let Some(program) = program(&language) else {
        return;
    };
    let world = World::new().await;
    let queue = world.queue().await;
    let keys: [(&str, &[&str]); 2] = [
        ("kyc.public", &["keys", "public"]),
        ("results.key", &["keys", "results", "--tenant", "default"]),
    ];
    for (file, words) in keys {
        let printed = world.run(words).await.good();
        fs::write(world.dir().join(file), printed).unwrap();
    }
    if let Ok(modules) = interpreter("KYC_NODE_MODULES") {
        symlink(modules, world.dir().join("node_modules")).unwrap();
    }
    let mut files = Vec::new();
    for (nth, block) in blocks(PAGE, &format!("## {}", language.name))
        .iter()
        .enumerate()
    {
        files.push(format!("example{nth}.{}", language.extension));
        fs::write(world.dir().join(&files[nth]), block).unwrap();
    }
    // All but the last three are shared by them.
    let results = files.split_off(files.len() - 1);
    let jobs = files.split_off(files.len() - 2);
    let shared = files;

    let _worker = world.worker("worker", &[("inbox", "all")]).await;
    for job in &jobs {
        run(
            &world,
            &program,
            &[&shared[..], std::slice::from_ref(job)].concat(),
        )
        .await;
    }
    let done = eventually_within(LONG, "both jobs are done", async || {
        let rejected = queue.rejected(10).await.unwrap();
        assert!(rejected.is_empty(), "{rejected:?}");
        let done = world.published(&queue).await;
        (done.len() == 2).then_some(done)
    })
    .await;
    assert!(
        done.iter().all(|result| result.state == "completed"),
        "{done:?}"
    );
    let mut expected: Vec<String> = done
        .iter()
        .map(|result| format!("{} {} authentic", result.reference, result.verdict))
        .collect();

    // Somebody copies a result with another verdict.
    let mut redis = world.redis().await;
    let entry = redis.xrange_count("{kyc}:results", "-", "+", 1).await;
    let entry: redis::streams::StreamRangeReply = entry.unwrap();
    let text = |field| entry.ids[0].get::<String>(field).unwrap();
    let mut forged: Value = serde_json::from_str(&text("result")).unwrap();
    forged["verdict"] = "partial_match".into();
    for mac in [text("mac"), "test:\u{e9}".to_owned()] {
        let fields = [("result", forged.to_string()), ("mac", mac)];
        let _: String = redis.xadd("{kyc}:results", "*", &fields).await.unwrap();
        let reference = forged["reference"].as_str().unwrap();
        expected.push(format!("{reference} partial_match not authentic"));
    }
    let told = run(&world, &program, &[&shared[..], &results].concat()).await;
    assert_eq!(told.lines().collect::<Vec<_>>(), expected);
    world.nothing_left(&queue).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_in_python_run() {
    examples_of(Language {
        name: "Python",
        variable: "KYC_PYTHON",
        extension: "py",
        is_certain: true,
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_in_javascript_run() {
    examples_of(Language {
        name: "JavaScript",
        variable: "KYC_NODE",
        extension: "mjs",
        is_certain: true,
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_in_go_run() {
    examples_of(Language {
        name: "Go",
        variable: "KYC_GO",
        extension: "go",
        is_certain: false,
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_in_php_run() {
    examples_of(Language {
        name: "PHP",
        variable: "KYC_PHP",
        extension: "php",
        is_certain: false,
    })
    .await;
}
