//! Hides how a task speaks to the person who runs it.

/// Says what is going on. Standard output is left to the programs that are run.
pub(crate) fn say(sentence: &str) {
    eprintln!("xtask: {sentence}");
}
