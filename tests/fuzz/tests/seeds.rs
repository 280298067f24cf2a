//! Runs every target on its seeds, without libFuzzer.

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use kyc_fuzz::TARGETS;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries
        .map(|entry| entry.expect("a readable folder").path())
        .collect()
}

fn stems(folder: &str) -> BTreeSet<String> {
    let stem = |path: &PathBuf| {
        path.file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned()
    };
    entries(&here(folder)).iter().map(stem).collect()
}

/// Passes the bytes to a target, whole and cut off.
fn pass(target: fn(&[u8]), bytes: &[u8]) {
    target(bytes);
    for at in 0..64 {
        target(&bytes[..bytes.len() * at / 64]);
    }
}

#[test]
fn every_seed_passes() {
    for (name, target) in TARGETS {
        for seed in entries(&here("seeds").join(name)) {
            let bytes = fs::read(&seed).expect("a readable file");
            let passed = catch_unwind(|| pass(target, &bytes));
            assert!(passed.is_ok(), "{} fails", seed.display());
        }
    }
}

#[test]
fn every_target_has_a_program_and_seeds() {
    let names: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(stems("targets"), names);
    assert_eq!(stems("seeds"), names);
    for name in names {
        let seeds = entries(&here("seeds").join(&name));
        assert!(seeds.len() >= 5, "{name} has {} seeds", seeds.len());
    }
}

#[test]
fn empty_and_constant_inputs_pass() {
    for (_, target) in TARGETS {
        target(b"");
        target(&[0; 64]);
        target(&[0xFF; 64]);
    }
}
