//! Hides which package manager this machine has, and how it installs packages.

use std::process::{Command, Stdio};

use crate::say::say;
use crate::tools::on_path;
use crate::workspace::{Workspace, succeed};

/// What a program is called by each package manager. An empty list: it is not to be had there.
pub(crate) struct Packages {
    /// The program, as a sentence calls it.
    pub(crate) what: &'static str,
    pub(crate) apt: &'static [&'static str],
    pub(crate) apk: &'static [&'static str],
    /// Also for yum.
    pub(crate) dnf: &'static [&'static str],
    pub(crate) brew: &'static [&'static str],
}

/// A package manager.
struct Manager {
    program: &'static str,
    as_root: bool,
    /// The call that fetches its lists, if it does not do so by itself.
    update: &'static [&'static str],
    install: &'static [&'static str],
    packages: fn(&Packages) -> &'static [&'static str],
}

const MANAGERS: [Manager; 5] = [
    Manager {
        program: "apt-get",
        as_root: true,
        update: &["update", "--quiet"],
        install: &["install", "--yes", "--no-install-recommends"],
        packages: |packages| packages.apt,
    },
    Manager {
        program: "apk",
        as_root: true,
        update: &[],
        install: &["add"],
        packages: |packages| packages.apk,
    },
    Manager {
        program: "dnf",
        as_root: true,
        update: &[],
        install: &["install", "--assumeyes"],
        packages: |packages| packages.dnf,
    },
    Manager {
        program: "yum",
        as_root: true,
        update: &[],
        install: &["install", "--assumeyes"],
        packages: |packages| packages.dnf,
    },
    // Homebrew refuses root.
    Manager {
        program: "brew",
        as_root: false,
        update: &[],
        install: &["install"],
        packages: |packages| packages.brew,
    },
];

/// Installs packages, if this machine has a package manager that the current user may use and that has them. A failure is
/// printed. The caller looks whether the program is there now.
pub(crate) fn install(workspace: &Workspace, packages: &Packages) {
    let Some(manager) = manager(is_root(), |program| on_path(program).is_some()) else {
        return;
    };
    let names = (manager.packages)(packages);
    if names.is_empty() {
        return;
    }
    say(&format!(
        "There is no {} on PATH. Installing one with {}.",
        packages.what, manager.program
    ));
    let install = [manager.install, names].concat();
    for call in [manager.update, &install] {
        let Some(verb) = call.first() else { continue };
        let mut command = workspace.command(manager.program);
        // Debian starts the services it installs. The first variable prevents that with System V, the second with systemd.
        // If the service starts at the next boot, it listens only on 127.0.0.1:6379, a port that no task uses.
        command
            .env("RUNLEVEL", "1")
            .env("SYSTEMD_OFFLINE", "1")
            .env("DEBIAN_FRONTEND", "noninteractive");
        let otherwise = format!("{} {verb} failed", manager.program);
        if let Err(error) = succeed(command.args(call).stdin(Stdio::null()), &otherwise) {
            say(&format!("{error:#}."));
        }
    }
}

/// Returns the package manager of this machine that the current user may use.
fn manager(root: bool, present: impl Fn(&str) -> bool) -> Option<&'static Manager> {
    MANAGERS
        .iter()
        .find(|manager| manager.as_root == root && present(manager.program))
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_manager_is_one_that_the_user_may_use() {
        let cases: [(bool, &[&str], Option<&str>); 6] = [
            (true, &["apt-get", "brew"], Some("apt-get")),
            (true, &["dnf", "yum"], Some("dnf")),
            (true, &["apk"], Some("apk")),
            (false, &["apt-get", "brew"], Some("brew")),
            (false, &["apt-get"], None),
            (true, &[], None),
        ];
        for (root, present, expected) in cases {
            let found =
                manager(root, |program| present.contains(&program)).map(|manager| manager.program);
            assert_eq!(found, expected, "root {root}, {present:?}");
        }
    }
}
