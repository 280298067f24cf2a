//! `kyc completions` and `kyc man`: what a shell and `man` make of them.

use std::process::Stdio;

use kyc_tests::{Ran, World};
use tokio::process::Command;

/// What bash offers for the last of these words.
async fn completed(world: &World, words: &[&str]) -> Vec<String> {
    let script = world.dir().join("kyc.bash");
    let printed = world.run(["completions", "bash"]).await.good();
    std::fs::write(&script, printed).unwrap();
    // As bash calls the function that `complete` names.
    let ask = "source \"$0\"; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); \
               function=$(complete -p kyc | sed 's/.*-F \\([^ ]*\\).*/\\1/'); \
               $function kyc \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD - 1]}\"; printf '%s\\n' \"${COMPREPLY[@]}\"";
    let mut bash = Command::new("bash");
    bash.args(["--norc", "--noprofile", "-c", ask]);
    bash.arg(&script).args(words).stdin(Stdio::null());
    let ran = Ran::of(&mut bash).await;
    ran.good().lines().map(ToOwned::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn bash_completes_commands_and_flags() {
    let world = World::without_sandbox("http://127.0.0.1:9");
    for (words, offered) in [
        (&["kyc", "li"][..], &["limits"][..]),
        (&["kyc", "jobs", "re"], &["retry", "reread"]),
        (&["kyc", "acl", "--ro"], &["--role"]),
        (
            &["kyc", "acl", "--role", ""],
            &["producer", "worker", "operator", "reader", "server"],
        ),
    ] {
        let found = completed(&world, words).await;
        for word in offered {
            assert!(found.iter().any(|one| one == word), "{words:?}: {found:?}");
        }
    }
    for shell in ["zsh", "fish", "elvish", "powershell"] {
        let printed = world.run(["completions", shell]).await.good();
        assert!(printed.contains("limits"), "{shell}");
    }
    let unknown = world.run(["completions", "csh"]).await;
    assert!(
        unknown.code == 2 && unknown.err.contains("bash"),
        "{unknown:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_has_a_page() {
    let world = World::without_sandbox("http://127.0.0.1:9");
    // A wrong setting does not matter.
    std::fs::write(world.dir().join("kyc.toml"), "wrong").unwrap();
    let page = world.run(["man"]).await.good();
    assert!(
        page.contains(".TH kyc") && page.contains("limits"),
        "{page}"
    );
    let dir = world.dir().join("man");
    let out = dir.to_str().unwrap();
    world.run(["man", "--out", out]).await.good();
    let help = world.run(["jobs", "--help"]).await.good();
    assert!(help.contains("discard"), "{help}");
    for name in [
        "kyc",
        "kyc-jobs",
        "kyc-jobs-discard",
        "kyc-limits-pause",
        "kyc-man",
    ] {
        let page = std::fs::read_to_string(dir.join(format!("{name}.1"))).unwrap();
        assert!(page.contains(".TH") && page.contains("NAME"), "{name}");
    }
}
